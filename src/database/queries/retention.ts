import { type Queryable, STILL_THERE } from '../tables.ts';

/** Packages of a repository by name that have more files than so many, after a name. */
export async function listPackagesAbove(
  db: Queryable,
  repositoryId: number,
  page: { readonly after: string; readonly limit: number; readonly files: number },
) {
  return db
    .selectFrom('packages')
    .select(['id', 'name'])
    .where('repository_id', '=', repositoryId)
    .where('file_count', '>', page.files)
    .where('name', '>', page.after)
    .orderBy('name')
    .limit(page.limit)
    .execute();
}

export type VersionRow = Awaited<ReturnType<typeof listVersions>>[number];

/** The versions of these packages that have files: how many, and when the newest of them was published. */
export async function listVersions(db: Queryable, packageIds: readonly number[]) {
  return db
    .selectFrom('memberships')
    .innerJoin('versions', 'versions.id', 'memberships.version_id')
    .select(['memberships.package_id', 'versions.id', 'versions.version'])
    .select(({ fn }) => [
      fn.max('memberships.added_at').as('published_at'),
      fn.count<number>('memberships.id').as('files'),
      fn.count<number>('memberships.yanked').as('yanked_files'),
    ])
    .where('memberships.package_id', 'in', packageIds)
    .where('memberships.removed_in', '=', STILL_THERE)
    .groupBy(['memberships.package_id', 'versions.id', 'versions.version'])
    .execute();
}

/** Where the aliases of these packages point. */
export async function listAliasTargets(db: Queryable, packageIds: readonly number[]) {
  return db
    .selectFrom('aliases')
    .select(['package_id', 'target'])
    .where('package_id', 'in', packageIds)
    .where('removed_in', '=', STILL_THERE)
    .execute();
}

/** The bytes of all files of each of these versions. */
export async function sumSizes(db: Queryable, versionIds: readonly number[]) {
  return db
    .selectFrom('memberships')
    .innerJoin('files', 'files.id', 'memberships.file_id')
    .innerJoin('blobs', 'blobs.id', 'files.blob_id')
    .select('memberships.version_id')
    .select(({ fn }) => fn.sum<number>('blobs.size').as('size'))
    .where('memberships.version_id', 'in', versionIds)
    .where('memberships.removed_in', '=', STILL_THERE)
    .groupBy('memberships.version_id')
    .execute();
}
