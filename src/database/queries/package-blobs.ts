import { type Queryable, STILL_THERE } from '../tables.ts';
import { insertIfAbsent } from './insert.ts';
import { unindexed } from './unindexed.ts';

/** Bytes that belong to a package, as whoever serves them has to know them. */
function packageBlobs(db: Queryable) {
  return db
    .selectFrom('package_blobs')
    .innerJoin('blobs', 'blobs.id', 'package_blobs.blob_id')
    .innerJoin('packages', 'packages.id', 'package_blobs.package_id')
    .innerJoin('repositories', 'repositories.id', 'packages.repository_id')
    .where('repositories.removed_at', 'is', null)
    .where('package_blobs.condemned_at', 'is', null)
    .select([
      'package_blobs.id',
      'package_blobs.digest',
      'package_blobs.added_at',
      'package_blobs.added_by',
      'packages.repository_id',
      'packages.name as package',
      'packages.status as package_status',
      'blobs.id as blob_id',
      'blobs.sha256',
      'blobs.size',
      'blobs.storage_key',
    ]);
}

export type PackageBlobRow = NonNullable<Awaited<ReturnType<typeof findPackageBlob>>>;

export async function findPackageBlob(db: Queryable, repositoryId: number, packageName: string, digest: string) {
  return packageBlobs(db)
    .where('packages.repository_id', '=', repositoryId)
    .where('packages.name', '=', packageName)
    .where('package_blobs.digest', '=', digest)
    .executeTakeFirst();
}

/** Where a digest is, in all repositories of a format: some of the places, with what decides who may read there. */
export async function listPlacesOfDigest(
  db: Queryable,
  format: string,
  digest: string,
  page: { readonly after: number; readonly limit: number },
) {
  return db
    .selectFrom('package_blobs')
    .innerJoin('packages', 'packages.id', 'package_blobs.package_id')
    .innerJoin('repositories', 'repositories.id', 'packages.repository_id')
    .select([
      'package_blobs.id',
      'packages.name as package',
      'repositories.id as repository_id',
      'repositories.name as repository',
      'repositories.visibility',
    ])
    .where('package_blobs.digest', '=', digest)
    .where('package_blobs.condemned_at', 'is', null)
    .where('package_blobs.id', '>', page.after)
    .where('repositories.format', '=', format)
    .where('repositories.removed_at', 'is', null)
    .where('packages.status', '<>', 'quarantined')
    .orderBy('package_blobs.id')
    .limit(page.limit)
    .execute();
}

/** Of these digests, those that the package has; also such as are garbage and have not been taken away yet. */
export async function listPackageBlobs(
  db: Queryable,
  packageId: number,
  digests: readonly string[],
): Promise<string[]> {
  const rows = await db
    .selectFrom('package_blobs')
    .select('digest')
    .where('package_id', '=', packageId)
    .where('digest', 'in', digests)
    .execute();
  return rows.map((row) => row.digest);
}

/**
 * Notes bytes as a package's own; false when they were already. The caller has locked the repository.
 * @param blob.known whether the package's row says that it has some
 */
export async function insertPackageBlob(
  trx: Queryable,
  blob: { packageId: number; known: boolean; digest: string; blobId: number; at: number; actor: string },
): Promise<boolean> {
  const isNew = await insertIfAbsent(trx, 'package_blobs', {
    package_id: blob.packageId,
    digest: blob.digest,
    blob_id: blob.blobId,
    referenced: (await isNamed(trx, blob.packageId, blob.digest)) ? 1 : 0,
    condemned_at: null,
    added_at: blob.at,
    added_by: blob.actor,
  });
  if (!isNew) await pardonPackageBlobs(trx, blob.packageId, [blob.digest]);
  if (isNew && !blob.known)
    await trx.updateTable('packages').set({ has_blobs: 1 }).where('id', '=', blob.packageId).execute();
  return isNew;
}

/** Whether a file of the package names these bytes, or has done so: they may come after it, or once more. */
async function isNamed(trx: Queryable, packageId: number, digest: string): Promise<boolean> {
  const row = await trx
    .selectFrom('file_references')
    .innerJoin('memberships', 'memberships.file_id', 'file_references.file_id')
    .select('memberships.id')
    .where('file_references.digest', '=', digest)
    .where('file_references.kind', '=', 'blob')
    .where('memberships.package_id', '=', packageId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** A file names these: when none does any more, they are garbage. */
export async function markReferenced(trx: Queryable, packageId: number, digests: readonly string[]): Promise<void> {
  await trx
    .updateTable('package_blobs')
    .set({ referenced: 1 })
    .where('package_id', '=', packageId)
    .where('digest', 'in', digests)
    .where('referenced', '=', 0)
    .execute();
  await pardonPackageBlobs(trx, packageId, digests);
}

/** What was garbage is needed again. */
async function pardonPackageBlobs(trx: Queryable, packageId: number, digests: readonly string[]): Promise<void> {
  await trx
    .updateTable('package_blobs')
    .set({ condemned_at: null })
    .where('package_id', '=', packageId)
    .where('digest', 'in', digests)
    .where('condemned_at', 'is not', null)
    .execute();
}

/** Takes a digest from a package; false when it was not there. */
export async function deletePackageBlob(trx: Queryable, packageId: number, digest: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('package_blobs')
    .where('package_id', '=', packageId)
    .where('digest', '=', digest)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Packages that have bytes of their own but no file are there all the same: whether this one has any. */
export async function hasPackageBlobs(db: Queryable, packageId: number): Promise<boolean> {
  const row = await db
    .selectFrom('package_blobs')
    .select('id')
    .where('package_id', '=', packageId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export interface FileReferenceRow {
  readonly fileId: number;
  readonly kind: string;
  readonly digest: string;
}

export async function insertFileReferences(trx: Queryable, references: readonly FileReferenceRow[]): Promise<void> {
  await trx
    .insertInto('file_references')
    .values(references.map(({ fileId, kind, digest }) => ({ file_id: fileId, kind, digest })))
    .execute();
}

/** The files of a package that name a digest in this way now, by version, after `after`; with how long what they say is at the most. */
export async function listReferrers(
  db: Queryable,
  packageId: number,
  reference: { readonly kind: string; readonly digest: string },
  page: { readonly after: string; readonly limit: number },
) {
  return (
    db
      .selectFrom('file_references')
      .innerJoin('memberships', 'memberships.file_id', 'file_references.file_id')
      .innerJoin('files', 'files.id', 'memberships.file_id')
      .innerJoin('blobs', 'blobs.id', 'files.blob_id')
      .innerJoin('versions', 'versions.id', 'memberships.version_id')
      .select(['files.id as file_id', 'versions.version', 'blobs.size'])
      .where('file_references.digest', '=', reference.digest)
      .where('file_references.kind', '=', reference.kind)
      // A subject has few referrers, and a package can have very many files.
      .where(unindexed('memberships.package_id'), '=', packageId)
      .where('memberships.removed_in', '=', STILL_THERE)
      .where('versions.version', '>', page.after)
      .orderBy('versions.version')
      .limit(page.limit)
      .execute()
  );
}

/** What is said of files, as JSON, by file. */
export async function listFileMetadata(db: Queryable, fileIds: readonly number[]): Promise<Map<number, string>> {
  const rows = await db.selectFrom('files').select(['id', 'metadata_json']).where('id', 'in', fileIds).execute();
  return new Map(rows.map((row) => [row.id, row.metadata_json]));
}

/** Of these versions of a package, those that name a digest in this way now. */
export async function listVersionsNaming(
  db: Queryable,
  packageId: number,
  reference: { readonly kind: string; readonly digest: string },
  versions: readonly string[],
): Promise<string[]> {
  const rows = await db
    .selectFrom('file_references')
    .innerJoin('memberships', 'memberships.file_id', 'file_references.file_id')
    .innerJoin('versions', 'versions.id', 'memberships.version_id')
    .select('versions.version')
    .where('file_references.digest', '=', reference.digest)
    .where('file_references.kind', '=', reference.kind)
    .where('memberships.package_id', '=', packageId)
    .where('memberships.removed_in', '=', STILL_THERE)
    .where('versions.version', 'in', versions)
    .execute();
  return rows.map((row) => row.version);
}

/** What the files of these packages name now, apart from bytes: by package, version and digest. */
export async function listVersionReferences(db: Queryable, packageIds: readonly number[]) {
  return db
    .selectFrom('memberships')
    .innerJoin('file_references', 'file_references.file_id', 'memberships.file_id')
    .select(['memberships.package_id', 'memberships.version_id', 'file_references.kind', 'file_references.digest'])
    .where('memberships.package_id', 'in', packageIds)
    .where('memberships.removed_in', '=', STILL_THERE)
    .where('file_references.kind', '<>', 'blob')
    .execute();
}
