import { type RawBuilder, sql } from 'kysely';
import { unindexed } from './unindexed.ts';

/** Files that name a digest, from which on they are too many to look at for each package. */
const MANY = 100;

/**
 * That a file of the package in a row of `package_blobs` names its digest. There are two ways to look: through the files that name
 * the digest, or through those of the package. The first is long for what everybody has, such as an empty description, and the
 * second for a package with a long history; nearly always one of them is short.
 * @param stays what else must be true of the file's membership
 */
export function isNamed(stays: RawBuilder<boolean> = sql<boolean>`1 = 1`): RawBuilder<boolean> {
  return sql<boolean>`(case when (
    select file_references.file_id from file_references
    where file_references.digest = package_blobs.digest and file_references.kind = 'blob'
    order by file_references.file_id limit 1 offset ${sql.lit(MANY)}
  ) is null then exists (
    select 1 from file_references
    inner join memberships on memberships.file_id = file_references.file_id
    where file_references.digest = package_blobs.digest and file_references.kind = 'blob'
      and ${unindexed('memberships.package_id')} = package_blobs.package_id and ${stays}
  ) else exists (
    select 1 from memberships
    inner join file_references on file_references.file_id = memberships.file_id
    where memberships.package_id = package_blobs.package_id and ${stays}
      and file_references.kind = 'blob' and coalesce(file_references.digest, '') = package_blobs.digest
  ) end)`;
}
