import type { Queryable } from '../tables.ts';
import { STILL_THERE } from '../tables.ts';

/** Finds or adds the row of a blob; returns its id. */
export async function ensureBlob(
  trx: Queryable,
  blob: { readonly sha256: string; readonly size: number; readonly storageKey: string; readonly now: number },
): Promise<number> {
  const known = await trx.selectFrom('blobs').select('id').where('sha256', '=', blob.sha256).executeTakeFirst();
  if (known) return known.id;
  const added = await trx
    .insertInto('blobs')
    .values({ sha256: blob.sha256, size: blob.size, storage_key: blob.storageKey, created_at: blob.now })
    .returning('id')
    .executeTakeFirstOrThrow();
  return added.id;
}

/** Adds a file and the documents that are served with it; returns its id. */
export async function insertFile(
  trx: Queryable,
  file: {
    readonly blobId: number;
    readonly name: string;
    readonly metadataJson: string;
    readonly sidecars: readonly { readonly name: string; readonly content: Uint8Array }[];
  },
): Promise<number> {
  const { id } = await trx
    .insertInto('files')
    .values({ blob_id: file.blobId, name: file.name, metadata_json: file.metadataJson })
    .returning('id')
    .executeTakeFirstOrThrow();
  for (const sidecar of file.sidecars) {
    await trx.insertInto('sidecars').values({ file_id: id, name: sidecar.name, content: sidecar.content }).execute();
  }
  return id;
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
    .innerJoin('versions', 'versions.id', 'memberships.version_id')
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

/** A package's files, or one version's, in order of arrival. */
export async function listFiles(db: Queryable, packageId: number, version?: string) {
  // Not by the membership's own id: a yank makes a new one.
  let query = storedFiles(db)
    .where('memberships.package_id', '=', packageId)
    .orderBy('memberships.added_at')
    .orderBy('memberships.file_id');
  if (version !== undefined) query = query.where('versions.version', '=', version);
  return query.execute();
}
