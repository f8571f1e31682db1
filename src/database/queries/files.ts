import type { Queryable } from '../tables.ts';
import { STILL_THERE } from '../tables.ts';
import { locked } from './locked.ts';

export interface BlobRow {
  readonly id: number;
  readonly size: number;
  readonly storage_key: string;
}

export async function findBlob(db: Queryable, sha256: string): Promise<BlobRow | undefined> {
  return db.selectFrom('blobs').select(['id', 'size', 'storage_key']).where('sha256', '=', sha256).executeTakeFirst();
}

/** The row of a blob that nobody can remove until this transaction ends. */
export async function lockBlob(trx: Queryable, sha256: string): Promise<BlobRow | undefined> {
  return locked(
    trx,
    trx.selectFrom('blobs').select(['id', 'size', 'storage_key']).where('sha256', '=', sha256),
  ).executeTakeFirst();
}

export async function updateBlobKey(trx: Queryable, id: number, storageKey: string): Promise<void> {
  await trx.updateTable('blobs').set({ storage_key: storageKey }).where('id', '=', id).execute();
}

export async function findSidecar(db: Queryable, membershipId: number, name: string): Promise<Uint8Array | undefined> {
  const row = await db
    .selectFrom('sidecars')
    .innerJoin('memberships', 'memberships.file_id', 'sidecars.file_id')
    .select('sidecars.content')
    .where('memberships.id', '=', membershipId)
    .where('sidecars.name', '=', name)
    .executeTakeFirst();
  return row?.content;
}

/** Everything a reader wants to know of one membership. */
function storedFiles(db: Queryable) {
  return db
    .selectFrom('memberships')
    .innerJoin('files', 'files.id', 'memberships.file_id')
    .innerJoin('blobs', 'blobs.id', 'files.blob_id')
    .innerJoin('versions', (join) =>
      join
        .onRef('versions.id', '=', 'memberships.version_id')
        // True of every row; with it, PostgreSQL reads one package's versions where it would read the whole table.
        .onRef('versions.package_id', '=', 'memberships.package_id'),
    )
    .innerJoin('packages', 'packages.id', 'memberships.package_id')
    .select([
      'memberships.id',
      'memberships.repository_id',
      'memberships.package_id',
      'packages.name as package',
      'packages.status as package_status',
      'versions.version',
      'files.name',
      'memberships.path',
      'blobs.size',
      'blobs.sha256',
      'blobs.storage_key',
      'files.metadata_json',
      'memberships.added_at',
      'memberships.added_by',
      'memberships.yanked',
    ])
    .where('memberships.removed_in', '=', STILL_THERE);
}

export type StoredFileRow = Awaited<ReturnType<typeof listFiles>>[number];

export async function findFileAt(db: Queryable, repositoryId: number, path: string) {
  return storedFiles(db)
    .where('memberships.repository_id', '=', repositoryId)
    .where('memberships.path', '=', path)
    .executeTakeFirst();
}

/** What is at these paths now. */
export async function listFilesAt(db: Queryable, repositoryId: number, paths: readonly string[]) {
  return storedFiles(db)
    .where('memberships.repository_id', '=', repositoryId)
    .where('memberships.path', 'in', paths)
    .execute();
}

/** A file by its bytes, wherever in the repository. */
export async function findFileWithBytes(db: Queryable, repositoryId: number, sha256: string) {
  return storedFiles(db)
    .where('memberships.repository_id', '=', repositoryId)
    .where('blobs.sha256', '=', sha256)
    .limit(1)
    .executeTakeFirst();
}

/** A package's files, or those of some versions, in order of arrival. */
export async function listFiles(db: Queryable, packageId: number, versions?: string | readonly string[]) {
  // Not by the membership's own id: a yank makes a new one.
  let query = storedFiles(db)
    .where('memberships.package_id', '=', packageId)
    .orderBy('memberships.added_at')
    .orderBy('memberships.file_id');
  if (typeof versions === 'string') query = query.where('versions.version', '=', versions);
  else if (versions !== undefined) query = query.where('versions.version', 'in', versions);
  return query.execute();
}

/** The versions of a package that have files, in no order. */
export async function listVersions(db: Queryable, packageId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('versions')
    .select('version')
    .where('package_id', '=', packageId)
    .where((where) =>
      where.exists(
        where
          .selectFrom('memberships')
          .select('memberships.id')
          .whereRef('memberships.version_id', '=', 'versions.id')
          .where('memberships.removed_in', '=', STILL_THERE),
      ),
    )
    .execute();
  return rows.map((row) => row.version);
}
