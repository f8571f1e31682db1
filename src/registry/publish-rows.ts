import { inBatches } from '../database/in-batches.ts';
import { endAlias, insertAlias, listAliasTargets } from '../database/queries/aliases.ts';
import { listFilesAt, type StoredFileRow } from '../database/queries/files.ts';
import { endMemberships } from '../database/queries/memberships.ts';
import { insertFileReferences, listPackageBlobs, markReferenced } from '../database/queries/package-blobs.ts';
import type { PackageRow } from '../database/queries/packages.ts';
import { deletePendingFiles } from '../database/queries/pending-files.ts';
import {
  ensurePackages,
  ensureVersions,
  findAliases,
  growPackages,
  insertFiles,
  insertMemberships,
  versionKey,
  yanksOfVersions,
} from '../database/queries/publishing.ts';
import { beginRevision, type RepositoryRow } from '../database/queries/repositories.ts';
import type { Queryable } from '../database/tables.ts';
import { invalid, PackyardError } from '../model/errors.ts';
import { formatRepositoryRef } from '../model/repository-ref.ts';
import { refuseClosed } from './closed-packages.ts';
import { type RegistryContext, recordEvent } from './context.ts';
import { refuseImmutable } from './immutable-aliases.ts';
import type { JsonObject, PublishAllRequest, PublishItem, PublishOutcome } from './model.ts';
import type { RepositoryMaker } from './repository-maker.ts';
import { toRepository, toStoredFile } from './rows.ts';
import { type Bytes, referTo } from './stored-bytes.ts';

/** Items of one statement, and characters of their metadata: MariaDB takes 16 MiB in one piece. */
const MOST_ITEMS = 500;
const MOST_SIZE = 2 * 1024 * 1024;
/** Paths that one line of the audit log names. */
const NAMED = 100;

/** Everything that one transaction publishes, with the bytes of each item. */
export interface Batch extends PublishAllRequest {
  readonly onlyIfAbsent?: boolean;
  readonly bytes: readonly Bytes[];
  readonly maker: RepositoryMaker;
}

interface Entry {
  readonly item: PublishItem;
  readonly bytes: Bytes;
  /** What is at the path now. */
  readonly present: StoredFileRow | undefined;
}

/** Adds the rows of all files, in one revision; the outcomes come in the order of the items. */
export async function publishRows(
  context: RegistryContext,
  trx: Queryable,
  batch: Batch,
): Promise<readonly PublishOutcome[]> {
  const now = context.now();
  const row = await batch.maker.open(trx, batch, now);
  const run = new PublishRun(trx, batch, row, now);
  const outcomes: Omit<PublishOutcome, 'repository'>[] = [];
  for (const items of pieces(batch.items)) {
    const bytes = batch.bytes.slice(outcomes.length, outcomes.length + items.length);
    outcomes.push(...(await run.publish(items, bytes)));
  }
  await deletePendingFiles(trx, batch.pending ?? []);
  await run.record();
  const repository = toRepository({ ...row, revision: run.revision ?? row.revision });
  return outcomes.map((outcome) => ({ ...outcome, repository }));
}

/** So many items as every database takes in one statement, by their number and by what is said of them. */
function* pieces(items: readonly PublishItem[]): Generator<readonly PublishItem[]> {
  let piece: PublishItem[] = [];
  let size = 0;
  for (const item of items) {
    const sidecars = item.file.sidecars ?? [];
    const own =
      JSON.stringify(item.file.metadata).length + sidecars.reduce((sum, { content }) => sum + content.length, 0);
    if (piece.length >= MOST_ITEMS || (size + own > MOST_SIZE && piece.length > 0)) {
      yield piece;
      piece = [];
      size = 0;
    }
    piece.push(item);
    size += own;
  }
  if (piece.length > 0) yield piece;
}

/** One transaction under way: the revision begins with the first file that changes anything. */
class PublishRun {
  readonly #trx: Queryable;
  readonly #batch: Batch;
  readonly #row: RepositoryRow;
  readonly #now: number;
  readonly #changed: Entry[] = [];
  revision: number | undefined;

  constructor(trx: Queryable, batch: Batch, row: RepositoryRow, now: number) {
    this.#trx = trx;
    this.#batch = batch;
    this.#row = row;
    this.#now = now;
  }

  /** So many items as one statement takes. */
  async publish(
    items: readonly PublishItem[],
    bytes: readonly Bytes[],
  ): Promise<readonly Omit<PublishOutcome, 'repository'>[]> {
    const paths = items.map((item) => item.file.path);
    const present = new Map((await listFilesAt(this.#trx, this.#row.id, paths)).map((row) => [row.path, row]));
    const entries = items.flatMap((item, index) => {
      const own = bytes[index];
      return own ? [{ item, bytes: own, present: present.get(item.file.path) }] : [];
    });
    for (const entry of entries) this.#refuseTaken(entry);
    const unchanged = entries.filter(isUnchanged);
    // Where the bytes that a file has had been lost, publishing it again mends it.
    const mending = unchanged.filter((entry) => entry.bytes.isStored).map((entry) => entry.bytes);
    if (mending.length > 0) await referTo(this.#trx, mending, this.#now);
    const fresh = entries.filter((entry) => !isUnchanged(entry));
    if (fresh.length > 0) await this.#add(fresh);
    for (const { item } of entries) if (item.aliases?.length) await this.#point(item, item.aliases);
    const after = fresh.length > 0 ? await listFilesAt(this.#trx, this.#row.id, paths) : [...present.values()];
    const byPath = new Map(after.map((row) => [row.path, row]));
    return entries.map((entry) => {
      const row = byPath.get(entry.item.file.path);
      if (!row) throw new Error(`the file just published is not there: ${entry.item.file.path}`);
      const result = isUnchanged(entry) ? 'unchanged' : entry.present ? 'replaced' : 'created';
      return { file: toStoredFile(row), result } as const;
    });
  }

  /** One line of the audit log, if anything has changed. */
  async record(): Promise<void> {
    const [first] = this.#changed;
    if (!first) return;
    const { actor, repository } = this.#batch;
    const single = this.#changed.length === 1;
    await recordEvent(this.#trx, {
      action: this.#changed.every((each) => each.present) ? 'file.replace' : 'file.publish',
      actor,
      at: this.#now,
      repository,
      subject: single ? first.item.file.path : `${this.#changed.length} files`,
      detail: {
        ...(single
          ? { sha256: first.bytes.sha256.hex, size: sizeOf(first) }
          : { files: this.#changed.slice(0, NAMED).map(({ item }) => item.file.path) }),
        revision: this.revision,
      },
    });
  }

  async #add(entries: readonly Entry[]): Promise<void> {
    const trx = this.#trx;
    const { id: repositoryId } = this.#row;
    const revision = await this.#begin();
    const names = new Map(entries.map(({ item }) => [item.package, item.displayName ?? item.package]));
    const packages = await ensurePackages(trx, repositoryId, names);
    const of = ({ item }: Entry): PackageRow => {
      const row = packages.get(item.package);
      if (!row) throw new Error('the package just added is not there');
      return row;
    };
    for (const row of packages.values()) refuseClosed(row);
    for (const entry of entries) await this.#takeBlobs(of(entry).id, entry.item);
    const wanted = entries.map((entry) => ({ packageId: of(entry).id, version: entry.item.version }));
    const [alias] = await findAliases(trx, wanted);
    const taken = alias && entries[wanted.findIndex((each) => versionKey(each) === versionKey(alias))];
    if (taken) throw isAlias(taken.item);
    const versions = await ensureVersions(trx, wanted);
    const versionOf = (index: number): number => {
      const key = wanted[index];
      return (key && versions.get(versionKey(key))) ?? 0;
    };
    const yanks = await yanksOfVersions(trx, [...new Set(versions.values())]);
    const replaced = entries.flatMap(({ present }) => (present ? [present] : []));
    await endMemberships(
      trx,
      replaced.map((row) => row.id),
      revision,
    );
    const blobs = await referTo(
      trx,
      entries.map((entry) => entry.bytes),
      this.#now,
    );
    const files = await insertFiles(
      trx,
      entries.map(({ item, bytes }) => ({
        blobId: blobs.get(bytes.sha256.hex) ?? 0,
        name: item.file.name,
        metadataJson: JSON.stringify(item.file.metadata),
        sidecars: item.file.sidecars ?? [],
      })),
    );
    const references = entries.flatMap(({ item }, index) =>
      (item.file.references ?? []).map(({ kind, digest }) => ({ fileId: files[index] ?? 0, kind, digest })),
    );
    for (const some of inBatches(references)) await insertFileReferences(trx, some);
    await insertMemberships(
      trx,
      entries.map((entry, index) => ({
        repositoryId,
        packageId: of(entry).id,
        versionId: versionOf(index),
        fileId: files[index] ?? 0,
        path: entry.item.file.path,
        revision,
        addedAt: this.#now,
        addedBy: this.#batch.actor.name,
        yanked: yanks.get(versionOf(index)) ?? null,
      })),
    );
    const growth = new Map<number, number>();
    for (const entry of entries) growth.set(of(entry).id, (growth.get(of(entry).id) ?? 0) + 1);
    for (const row of replaced) growth.set(row.package_id, (growth.get(row.package_id) ?? 0) - 1);
    await growPackages(trx, repositoryId, revision, growth);
    this.#changed.push(...entries);
  }

  /** The bytes that a file names belong to it from now on; those that it needs must be there. */
  async #takeBlobs(packageId: number, { file }: PublishItem): Promise<void> {
    const named = (file.references ?? []).filter(({ kind }) => kind === 'blob');
    for (const some of inBatches(named)) {
      const digests = some.map(({ digest }) => digest);
      const there = new Set(await listPackageBlobs(this.#trx, packageId, digests));
      const missing = some.find(({ required, digest }) => required && !there.has(digest));
      if (missing) throw blobMissing(missing.digest);
      await markReferenced(this.#trx, packageId, digests);
    }
  }

  /** Points aliases at a version that is there now. */
  async #point(item: PublishItem, names: readonly string[]): Promise<void> {
    const trx = this.#trx;
    const { id: repositoryId } = this.#row;
    const pkg = (await ensurePackages(trx, repositoryId, new Map([[item.package, item.package]]))).get(item.package);
    if (!pkg) throw new Error('the package just published is not there');
    const targets = await listAliasTargets(trx, pkg.id, names);
    const moving = names.filter((name) => targets.get(name) !== item.version);
    if (moving.length === 0) return;
    refuseClosed(pkg);
    const { immutableTags } = toRepository(this.#row);
    for (const name of moving) if (targets.has(name)) refuseImmutable(immutableTags, name, item.package);
    const revision = await this.#begin();
    for (const name of moving) {
      const from = targets.get(name);
      if (from !== undefined) await endAlias(trx, pkg.id, name, revision);
      await insertAlias(trx, { repositoryId, packageId: pkg.id, name, target: item.version, revision });
      await recordEvent(trx, {
        action: 'alias.set',
        actor: this.#batch.actor,
        at: this.#now,
        repository: this.#batch.repository,
        subject: `${item.package}/${name}`,
        detail: { target: item.version, from, revision },
      });
    }
    await growPackages(trx, repositoryId, revision, new Map([[pkg.id, 0]]));
  }

  async #begin(): Promise<number> {
    const { actor, reason, items } = this.#batch;
    const [first] = items;
    const subject = items.length === 1 ? first?.file.name : `${items.length} files`;
    this.revision ??= await beginRevision(this.#trx, this.#row, {
      actor: actor.name,
      reason: reason ?? `publish ${subject}`,
      at: this.#now,
    });
    return this.revision;
  }

  #refuseTaken(entry: Entry): void {
    const { item, present } = entry;
    if (!present) return;
    if (this.#batch.onlyIfAbsent) throw alreadyThere(item);
    if (isUnchanged(entry) || this.#row.write_policy === 'overwrite') return;
    const other = hasSameBytes(entry) ? otherChoice(entry) : undefined;
    throw other ? chosenOtherwise(this.#batch, item, other) : otherBytes(this.#batch, item, present.sha256);
  }
}

function isUnchanged(entry: Entry): boolean {
  return hasSameBytes(entry) && !otherChoice(entry);
}

function hasSameBytes({ bytes, present }: Entry): boolean {
  return present?.sha256 === bytes.sha256.hex;
}

interface Choice {
  readonly name: string;
  readonly present: unknown;
  readonly asked: unknown;
}

/** What the uploader has chosen differently this time. */
function otherChoice({ item: { file }, present }: Entry): Choice | undefined {
  if (!present || !file.chosen) return undefined;
  const metadata = JSON.parse(present.metadata_json) as JsonObject;
  for (const name of file.chosen)
    if (metadata[name] !== file.metadata[name]) return { name, present: metadata[name], asked: file.metadata[name] };
  return undefined;
}

function sizeOf({ item }: Entry): number | undefined {
  return 'size' in item.file.staged ? item.file.staged.size : undefined;
}

function isAlias(item: PublishItem): PackyardError {
  return new PackyardError('conflict', `${item.version} is an alias of ${item.package}, not a version`, {
    hint: 'publish under another version, or remove the alias first: packyard alias delete',
  });
}

function blobMissing(digest: string): PackyardError {
  return invalid(`the manifest names the blob ${digest}, which this repository does not have`, {
    hint: 'push its blobs first; packyard repo update --incomplete-images accept takes manifests without them',
    details: { missing: digest },
  });
}

function alreadyThere(item: PublishItem): PackyardError {
  return new PackyardError('precondition_failed', `${item.file.name} is there already`, {
    hint: 'the request asked to store it only if it was not there (If-None-Match: *)',
  });
}

function chosenOtherwise(
  { repository }: PublishAllRequest,
  { file }: PublishItem,
  { name, present, asked }: Choice,
): PackyardError {
  return new PackyardError('conflict', `${file.path} is published already, with the ${name} ${present}, not ${asked}`, {
    hint: `delete it first, then publish it again; ${formatRepositoryRef(repository)} keeps published files as they are (packyard repo update --write-policy overwrite changes that)`,
  });
}

function otherBytes({ repository }: PublishAllRequest, { file }: PublishItem, presentSha256: string): PackyardError {
  return new PackyardError('conflict', `${file.name} is published already, with other bytes`, {
    hint: `publish under a new version; ${formatRepositoryRef(repository)} keeps published files as they are (packyard repo update --write-policy overwrite changes that)`,
    details: { published: `sha256:${presentSha256}`, uploaded: file.staged.sha256.toString() },
  });
}
