import { sql } from 'kysely';
import { searchName } from '../../model/search-name.ts';
import { inBatches } from '../in-batches.ts';
import type { Queryable } from '../tables.ts';
import { STILL_THERE } from '../tables.ts';
import { traitsOf } from '../traits.ts';
import type { BlobRow } from './files.ts';
import { insertUnlessPresent } from './insert.ts';
import { locked } from './locked.ts';
import type { PackageRow } from './packages.ts';

/** Pairs of values that one question names: two lists instead would be looked up in every combination. */
const PAIRS = 50;

/**
 * What publishing writes, for many files in one statement each. The caller has locked the repository, and asks for no more at
 * once than one statement takes.
 */

/** Finds or adds packages; by name. An empty one keeps the spelling that it had. */
export async function ensurePackages(
  trx: Queryable,
  repositoryId: number,
  wanted: ReadonlyMap<string, string>,
): Promise<Map<string, PackageRow>> {
  const names = [...wanted.keys()];
  const find = () =>
    trx
      .selectFrom('packages')
      .selectAll()
      .where('repository_id', '=', repositoryId)
      .where('name', 'in', names)
      .execute();
  const known = await find();
  const missing = names.filter((name) => !known.some((row) => row.name === name));
  if (missing.length > 0)
    await trx
      .insertInto('packages')
      .values(
        missing.map((name) => ({
          repository_id: repositoryId,
          name,
          display_name: wanted.get(name) ?? name,
          search_name: searchName(name),
          status: 'active',
          status_reason: '',
          revision: 0,
          file_count: 0,
        })),
      )
      .execute();
  const rows = missing.length > 0 ? await find() : known;
  return new Map(rows.map((row) => [row.name, row]));
}

/** Of these versions, those whose names are aliases of their packages. */
export async function findAliases(db: Queryable, versions: readonly PackageVersion[]): Promise<PackageVersion[]> {
  const found: PackageVersion[] = [];
  for (const some of inBatches(versions, PAIRS)) {
    const rows = await db
      .selectFrom('aliases')
      .select(['package_id', 'name'])
      .where('removed_in', '=', STILL_THERE)
      .where((row) => row.or(some.map(({ packageId, version }) => row.and({ package_id: packageId, name: version }))))
      .execute();
    found.push(...rows.map((row) => ({ packageId: row.package_id, version: row.name })));
  }
  return found;
}

export interface PackageVersion {
  readonly packageId: number;
  readonly version: string;
}

/** Finds or adds versions; by `versionKey`. */
export async function ensureVersions(trx: Queryable, wanted: readonly PackageVersion[]): Promise<Map<string, number>> {
  const find = async () => {
    const found = new Map<string, number>();
    for (const some of inBatches(wanted, PAIRS)) {
      const rows = await trx
        .selectFrom('versions')
        .select(['id', 'package_id', 'version'])
        .where((row) => row.or(some.map(({ packageId, version }) => row.and({ package_id: packageId, version }))))
        .execute();
      for (const row of rows) found.set(versionKey({ packageId: row.package_id, version: row.version }), row.id);
    }
    return found;
  };
  const known = await find();
  const missing = new Map(wanted.map((each) => [versionKey(each), each]));
  for (const key of known.keys()) missing.delete(key);
  if (missing.size === 0) return known;
  await trx
    .insertInto('versions')
    .values([...missing.values()].map(({ packageId, version }) => ({ package_id: packageId, version })))
    .execute();
  return find();
}

export function versionKey({ packageId, version }: PackageVersion): string {
  return `${packageId}/${version}`;
}

/** The yank marks of versions of which every file is yanked: what joins them is yanked too. By the version's id. */
export async function yanksOfVersions(trx: Queryable, versionIds: readonly number[]): Promise<Map<number, string>> {
  const rows = await trx
    .selectFrom('memberships')
    .select(['version_id', 'yanked'])
    .where('version_id', 'in', versionIds)
    .where('removed_in', '=', STILL_THERE)
    .execute();
  const marks = new Map<number, string>();
  for (const [id, files] of Map.groupBy(rows, (row) => row.version_id)) {
    const [first] = files;
    if (first && first.yanked !== null && files.every((row) => row.yanked !== null)) marks.set(id, first.yanked);
  }
  return marks;
}

/** Blobs by their digests, held until the transaction ends; in one order always, so that nobody waits in a circle. */
export async function lockBlobs(trx: Queryable, digests: readonly string[]): Promise<Map<string, BlobRow>> {
  const query = trx
    .selectFrom('blobs')
    .select(['id', 'sha256', 'size', 'storage_key'])
    .where('sha256', 'in', digests)
    .orderBy('sha256');
  const rows = await locked(trx, query).execute();
  return new Map(rows.map((row) => [row.sha256, row]));
}

/** Blobs by their digests, as they are now. */
export async function listBlobs(db: Queryable, digests: readonly string[]): Promise<Map<string, BlobRow>> {
  const rows = await db
    .selectFrom('blobs')
    .select(['id', 'sha256', 'size', 'storage_key'])
    .where('sha256', 'in', digests)
    .execute();
  return new Map(rows.map((row) => [row.sha256, row]));
}

/** Adds the rows of blobs, as far as another transaction has not just done so. Returns those it added, where the database tells. */
export async function insertBlobs(
  trx: Queryable,
  blobs: readonly { readonly sha256: string; readonly size: number; readonly storageKey: string }[],
  now: number,
): Promise<Map<string, BlobRow>> {
  const rows = blobs
    .map(({ sha256, size, storageKey }) => ({ sha256, size, storage_key: storageKey, created_at: now }))
    .toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  const insert = insertUnlessPresent(trx, 'blobs', rows);
  if (!traitsOf(trx).returning) {
    await insert.execute();
    return new Map();
  }
  const added = await insert.returning(['id', 'sha256', 'size', 'storage_key']).execute();
  return new Map(added.map((row) => [row.sha256, row]));
}

export interface NewFile {
  readonly blobId: number;
  readonly name: string;
  readonly metadataJson: string;
  readonly sidecars: readonly { readonly name: string; readonly content: Uint8Array }[];
}

/** Adds files with the documents that are served with them; their ids in the same order. */
export async function insertFiles(trx: Queryable, files: readonly NewFile[]): Promise<readonly number[]> {
  const values = files.map(({ blobId, name, metadataJson }) => ({
    blob_id: blobId,
    name,
    metadata_json: metadataJson,
  }));
  const insert = trx.insertInto('files').values(values);
  let added: readonly { readonly id: number; readonly blob_id: number; readonly name: string }[];
  if (traitsOf(trx).returning) added = await insert.returning(['id', 'blob_id', 'name']).execute();
  else {
    // The first of the new ids; those of one statement follow it.
    const { insertId } = await insert.executeTakeFirstOrThrow();
    added = await trx
      .selectFrom('files')
      .select(['id', 'blob_id', 'name'])
      .where(
        'blob_id',
        'in',
        files.map(({ blobId }) => blobId),
      )
      .where('id', '>=', Number(insertId))
      .execute();
  }
  // No order is promised for what comes back. Of two files that are alike, either may have either number.
  const ids = Map.groupBy(
    added.toSorted((a, b) => a.id - b.id),
    (row) => `${row.blob_id}/${row.name}`,
  );
  const own = files.map(({ blobId, name }) => ids.get(`${blobId}/${name}`)?.shift()?.id ?? 0);
  if (own.includes(0)) throw new Error('a file just added is not there');
  const sidecars = files.flatMap((file, index) =>
    file.sidecars.map(({ name, content }) => ({ file_id: own[index] ?? 0, name, content })),
  );
  if (sidecars.length > 0) await trx.insertInto('sidecars').values(sidecars).execute();
  return own;
}

export interface NewMembership {
  readonly repositoryId: number;
  readonly packageId: number;
  readonly versionId: number;
  readonly fileId: number;
  readonly path: string;
  readonly revision: number;
  readonly addedAt: number;
  readonly addedBy: string;
  readonly yanked: string | null;
}

/** Puts files into a repository from this revision on. */
export async function insertMemberships(trx: Queryable, memberships: readonly NewMembership[]): Promise<void> {
  await trx
    .insertInto('memberships')
    .values(
      memberships.map((membership) => ({
        repository_id: membership.repositoryId,
        package_id: membership.packageId,
        version_id: membership.versionId,
        file_id: membership.fileId,
        path: membership.path,
        added_in: membership.revision,
        removed_in: STILL_THERE,
        added_at: membership.addedAt,
        added_by: membership.addedBy,
        yanked: membership.yanked,
      })),
    )
    .execute();
}

/** Notes that packages changed in this revision and by how many files each grew; the repository with them. */
export async function growPackages(
  trx: Queryable,
  repositoryId: number,
  revision: number,
  growth: ReadonlyMap<number, number>,
): Promise<void> {
  for (const [by, packages] of Map.groupBy(growth, ([, count]) => count)) {
    await trx
      .updateTable('packages')
      .set({ revision, file_count: sql<number>`file_count + ${by}` })
      .where(
        'id',
        'in',
        packages.map(([id]) => id),
      )
      .execute();
  }
  const total = growth.values().reduce((sum, count) => sum + count, 0);
  if (total === 0) return;
  await trx
    .updateTable('repositories')
    .set({ file_count: sql<number>`file_count + ${total}` })
    .where('id', '=', repositoryId)
    .execute();
}
