import { findAlias } from '../database/queries/aliases.ts';
import { findFileAt, insertFile } from '../database/queries/files.ts';
import { endMembership, insertMembership, yankOfVersion } from '../database/queries/memberships.ts';
import { ensurePackage, ensureVersion, type PackageRow, touchPackage } from '../database/queries/packages.ts';
import { deletePendingFiles } from '../database/queries/pending-files.ts';
import { beginRevision, type RepositoryRow } from '../database/queries/repositories.ts';
import type { Queryable } from '../database/tables.ts';
import { invalid, PackyardError } from '../model/errors.ts';
import { formatRepositoryRef } from '../model/repository-ref.ts';
import { type RegistryContext, recordEvent } from './context.ts';
import type { PublishAllRequest, PublishItem, PublishOutcome, PublishRequest } from './model.ts';
import { type RepositoryMaker, repositoryMaker } from './repository-maker.ts';
import { toRepository, toStoredFile } from './rows.ts';
import type { SigningKeys } from './signing/signing-keys.ts';
import { BYTES_GONE, type Bytes, bytesOf } from './stored-bytes.ts';

/** The longest path that every database can keep in an index, in characters. */
const MAX_PATH = 760;
/** Paths that one line of the audit log names. */
const NAMED = 100;

/** Everything that one transaction publishes, with the bytes of each item. */
interface Batch extends PublishAllRequest {
  readonly onlyIfAbsent?: boolean;
  readonly bytes: readonly Bytes[];
  readonly maker: RepositoryMaker;
}

/**
 * Makes one file visible: first its bytes become durable, then one transaction adds blob, file, version, membership, revision
 * and event. A crash in between leaves an object that nothing refers to, which is collected later.
 * @throws PackyardError `conflict` (other bytes at that path, repository is immutable), `precondition_failed`, `storage_full`
 */
export async function publish(
  context: RegistryContext,
  signing: SigningKeys,
  request: PublishRequest,
): Promise<PublishOutcome> {
  const [outcome] = await publishAll(context, signing, { ...request, items: [request] });
  if (!outcome) throw new Error('a file was published without an outcome');
  return outcome;
}

/** Makes several files visible at once, in one revision, or none of them. The outcomes come in the order of the items. */
export async function publishAll(
  context: RegistryContext,
  signing: SigningKeys,
  request: PublishAllRequest & { readonly onlyIfAbsent?: boolean },
): Promise<readonly PublishOutcome[]> {
  for (const { file } of request.items)
    if (file.path.length > MAX_PATH) throw invalid('package, version and file name are too long together');
  const maker = await repositoryMaker(context, signing, request.repository);
  const bytes = request.items.map((item) => bytesOf(context, item.file.staged));
  const batch: Batch = { ...request, bytes, maker };
  try {
    for (;;) {
      for (const each of bytes) await each.ensure();
      try {
        return await context.database.write((trx) => publishRows(context, trx, batch), {
          // Repeated, it finds the same bytes published and says so; but then it must not take its own file for another's.
          repeatable: !request.onlyIfAbsent,
        });
      } catch (error) {
        if (error !== BYTES_GONE) throw error;
      }
    }
  } finally {
    for (const each of bytes) await each.discardUnused();
  }
}

async function publishRows(context: RegistryContext, trx: Queryable, batch: Batch): Promise<readonly PublishOutcome[]> {
  const now = context.now();
  const row = await batch.maker.open(trx, batch, now);
  const run = new PublishRun(trx, batch, row, now);
  const outcomes: PublishOutcome[] = [];
  for (const [index, item] of batch.items.entries()) {
    const bytes = batch.bytes[index];
    if (bytes) outcomes.push(await run.publish(item, bytes));
  }
  await deletePendingFiles(trx, batch.pending ?? []);
  await run.record();
  const repository = toRepository({ ...row, revision: run.revision ?? row.revision });
  return outcomes.map((outcome) => ({ ...outcome, repository }));
}

/** One transaction under way: the revision begins with the first file that changes anything. */
class PublishRun {
  readonly #trx: Queryable;
  readonly #batch: Batch;
  readonly #row: RepositoryRow;
  readonly #now: number;
  readonly #changed: { readonly path: string; readonly sha256: string; readonly replaced: boolean }[] = [];
  revision: number | undefined;

  constructor(trx: Queryable, batch: Batch, row: RepositoryRow, now: number) {
    this.#trx = trx;
    this.#batch = batch;
    this.#row = row;
    this.#now = now;
  }

  async publish(item: PublishItem, bytes: Bytes): Promise<PublishOutcome> {
    const trx = this.#trx;
    const { id: repositoryId, write_policy } = this.#row;
    const { path, name, staged, metadata, sidecars = [] } = item.file;
    const repository = toRepository(this.#row);
    const present = await findFileAt(trx, repositoryId, path);
    if (present && this.#batch.onlyIfAbsent) throw alreadyThere(item);
    if (present?.sha256 === staged.sha256.hex) {
      await bytes.mend(trx, this.#now);
      return { file: toStoredFile(present), repository, result: 'unchanged' };
    }
    if (present && write_policy !== 'overwrite') throw otherBytes(this.#batch, item, present.sha256);

    const revision = await this.#begin();
    const pkg = await ensurePackage(trx, repositoryId, item.package, item.displayName ?? item.package);
    refuseClosed(pkg);
    if (await findAlias(trx, pkg.id, item.version)) throw isAlias(item);
    const versionId = await ensureVersion(trx, pkg.id, item.version);
    if (present) {
      await endMembership(trx, present.id, revision);
      await touchPackage(trx, present.package_id, revision, -1);
    }
    const fileId = await insertFile(trx, {
      blobId: await bytes.refer(trx, this.#now),
      name,
      metadataJson: JSON.stringify(metadata),
      sidecars,
    });
    await insertMembership(trx, {
      repositoryId,
      packageId: pkg.id,
      versionId,
      fileId,
      path,
      revision,
      addedAt: this.#now,
      addedBy: this.#batch.actor.name,
      yanked: await yankOfVersion(trx, versionId),
    });
    await touchPackage(trx, pkg.id, revision, 1);
    this.#changed.push({ path, sha256: staged.sha256.hex, replaced: present !== undefined });
    const file = await requireFile(trx, repositoryId, path);
    return { file, repository, result: present ? 'replaced' : 'created' };
  }

  /** One line of the audit log, if anything has changed. */
  async record(): Promise<void> {
    const [first] = this.#changed;
    if (!first) return;
    const { actor, repository } = this.#batch;
    const single = this.#changed.length === 1;
    const replaced = this.#changed.every((each) => each.replaced);
    await recordEvent(this.#trx, {
      action: replaced ? 'file.replace' : 'file.publish',
      actor,
      at: this.#now,
      repository,
      subject: single ? first.path : `${this.#changed.length} files`,
      detail: single
        ? { sha256: first.sha256, size: await this.#sizeOf(first.path), revision: this.revision }
        : { files: this.#changed.slice(0, NAMED).map(({ path }) => path), revision: this.revision },
    });
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

  async #sizeOf(path: string): Promise<number | undefined> {
    return (await findFileAt(this.#trx, this.#row.id, path))?.size;
  }
}

async function requireFile(trx: Queryable, repositoryId: number, path: string) {
  const row = await findFileAt(trx, repositoryId, path);
  if (!row) throw new Error(`the file just published is not there: ${path}`);
  return toStoredFile(row);
}

/** PEP 792: archived and quarantined projects take no uploads; the same for packages of every format. */
function refuseClosed(pkg: PackageRow): void {
  if (pkg.status !== 'archived' && pkg.status !== 'quarantined') return;
  const reason = pkg.status_reason === '' ? '' : `: ${pkg.status_reason}`;
  throw new PackyardError('forbidden', `${pkg.name} is ${pkg.status} and takes no new files${reason}`, {
    hint: 'set its status to active first',
  });
}

function isAlias(item: PublishItem): PackyardError {
  return new PackyardError('conflict', `${item.version} is an alias of ${item.package}, not a version`, {
    hint: 'publish under another version, or remove the alias first: packyard alias delete',
  });
}

function alreadyThere(item: PublishItem): PackyardError {
  return new PackyardError('precondition_failed', `${item.file.name} is there already`, {
    hint: 'the request asked to store it only if it was not there (If-None-Match: *)',
  });
}

function otherBytes({ repository }: PublishAllRequest, { file }: PublishItem, presentSha256: string): PackyardError {
  return new PackyardError('conflict', `${file.name} is published already, with other bytes`, {
    hint: `publish under a new version; ${formatRepositoryRef(repository)} keeps published files as they are (packyard repo update --write-policy overwrite changes that)`,
    details: { published: `sha256:${presentSha256}`, uploaded: file.staged.sha256.toString() },
  });
}
