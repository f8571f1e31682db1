import { type RawBuilder, sql } from 'kysely';
import type { Queryable } from '../tables.ts';
import { STILL_THERE } from '../tables.ts';
import type { IdWindow } from './maintenance-windows.ts';
import { isNamed } from './named-blobs.ts';

/**
 * What is garbage once everything that ended at `before` or earlier is gone. Nothing here deletes, so the same questions serve
 * to show and to find it; they also count what would only become garbage in an earlier step. Times are milliseconds since 1970.
 */

/** A row with an interval stays: it goes on, or ended later, and its repository was not removed long ago. */
function stays(table: 'memberships' | 'aliases', before: number): RawBuilder<boolean> {
  const row = sql.table(table);
  return sql<boolean>`(
    (${row}.removed_in = ${sql.lit(STILL_THERE)} or not exists (
      select 1 from revisions ended
      where ended.repository_id = ${row}.repository_id and ended.number = ${row}.removed_in and ended.at <= ${before}
    )) and not exists (
      select 1 from repositories gone where gone.id = ${row}.repository_id and gone.removed_at <= ${before}
    ))`;
}

/** A package has something that stays, or a mark that somebody set on it. */
function packageStays(before: number): RawBuilder<boolean> {
  return sql<boolean>`(
    packages.status <> 'active'
    or exists (select 1 from memberships where memberships.package_id = packages.id and ${stays('memberships', before)})
    or exists (select 1 from aliases where aliases.package_id = packages.id and ${stays('aliases', before)})
    or exists (select 1 from package_blobs where package_blobs.package_id = packages.id and ${blobStays(before)}))`;
}

/** Bytes of a package stay until they have been garbage for long enough, or their repository was removed long ago. */
function blobStays(before: number): RawBuilder<boolean> {
  return sql<boolean>`(package_blobs.condemned_at is null or ${isNamed(stays('memberships', before))}) and not exists (
    select 1 from packages home inner join repositories gone on gone.id = home.repository_id
    where home.id = package_blobs.package_id and gone.removed_at <= ${before})`;
}

const repositoryColumns = ['repositories.id as repository_id', 'repositories.format', 'repositories.name'] as const;

/** Memberships that ended long ago, in repositories that are there. */
export async function findEndedMemberships(db: Queryable, window: IdWindow, before: number) {
  return db
    .selectFrom('memberships')
    .innerJoin('repositories', 'repositories.id', 'memberships.repository_id')
    .innerJoin('revisions', (join) =>
      join
        .onRef('revisions.repository_id', '=', 'memberships.repository_id')
        .onRef('revisions.number', '=', 'memberships.removed_in'),
    )
    .select(['memberships.id', 'memberships.path', ...repositoryColumns])
    .where('memberships.id', '>=', window.first)
    .where('memberships.id', '<=', window.last)
    .where('memberships.removed_in', '<', sql.lit(STILL_THERE))
    .where('revisions.at', '<=', before)
    .where('repositories.removed_at', 'is', null)
    .execute();
}

/** Aliases that ended long ago, in repositories that are there. */
export async function findEndedAliases(db: Queryable, window: IdWindow, before: number) {
  return db
    .selectFrom('aliases')
    .innerJoin('repositories', 'repositories.id', 'aliases.repository_id')
    .innerJoin('revisions', (join) =>
      join
        .onRef('revisions.repository_id', '=', 'aliases.repository_id')
        .onRef('revisions.number', '=', 'aliases.removed_in'),
    )
    .innerJoin('packages', 'packages.id', 'aliases.package_id')
    .select(['aliases.id', 'aliases.name as alias', 'packages.name as package', ...repositoryColumns])
    .where('aliases.id', '>=', window.first)
    .where('aliases.id', '<=', window.last)
    .where('aliases.removed_in', '<', sql.lit(STILL_THERE))
    .where('revisions.at', '<=', before)
    .where('repositories.removed_at', 'is', null)
    .execute();
}

/** Repositories that were removed long ago, also those of which a part is purged already. */
export async function findRemovedRepositories(db: Queryable, before: number) {
  return db
    .selectFrom('repositories')
    .select(['id', 'format', 'name', 'removed_name'])
    .where('removed_at', '<=', before)
    .orderBy('id')
    .execute();
}

/** Repositories out of view because they are empty, in which nothing has happened for long and nothing is left. */
export async function findForgottenRepositories(db: Queryable, before: number) {
  return db
    .selectFrom('repositories')
    .select(['id', 'format', 'name'])
    .where('keep_empty', '=', 0)
    .where('file_count', '=', 0)
    .where('removed_at', 'is', null)
    .where('created_at', '<=', before)
    .where(
      sql<boolean>`not exists (
        select 1 from revisions newest
        where newest.repository_id = repositories.id and newest.number = repositories.revision and newest.at > ${before}
      )`,
    )
    .where(
      sql<boolean>`not exists (
        select 1 from packages where packages.repository_id = repositories.id and ${packageStays(before)}
      ) and not exists (select 1 from pending_files where pending_files.repository_id = repositories.id)
      and not exists (select 1 from upload_sessions where upload_sessions.repository_id = repositories.id)`,
    )
    .orderBy('id')
    .execute();
}

/** Versions of which nothing is left. */
export async function findEmptyVersions(db: Queryable, window: IdWindow, before: number) {
  return db
    .selectFrom('versions')
    .innerJoin('packages', 'packages.id', 'versions.package_id')
    .innerJoin('repositories', 'repositories.id', 'packages.repository_id')
    .select(['versions.id', 'versions.version', 'packages.name as package', ...repositoryColumns])
    .where('versions.id', '>=', window.first)
    .where('versions.id', '<=', window.last)
    .where('repositories.removed_at', 'is', null)
    .where(
      sql<boolean>`not exists (
        select 1 from memberships where memberships.version_id = versions.id and ${stays('memberships', before)}
      )`,
    )
    .execute();
}

/** Packages of which nothing is left, not even an alias or a mark. */
export async function findEmptyPackages(db: Queryable, window: IdWindow, before: number) {
  return db
    .selectFrom('packages')
    .innerJoin('repositories', 'repositories.id', 'packages.repository_id')
    .select(['packages.id', 'packages.name as package', ...repositoryColumns])
    .where('packages.id', '>=', window.first)
    .where('packages.id', '<=', window.last)
    .where('repositories.removed_at', 'is', null)
    .where(sql<boolean>`not ${packageStays(before)}`)
    .execute();
}

/** Files that are and were in no repository. */
export async function findFilesOfNobody(db: Queryable, window: IdWindow, before: number) {
  return db
    .selectFrom('files')
    .select(['id', 'name'])
    .where('id', '>=', window.first)
    .where('id', '<=', window.last)
    .where(
      sql<boolean>`not exists (
        select 1 from memberships where memberships.file_id = files.id and ${stays('memberships', before)}
      )`,
    )
    .execute();
}

/** Blobs that no file needs. */
export async function findBlobsOfNobody(db: Queryable, window: IdWindow, before: number) {
  return db
    .selectFrom('blobs')
    .select(['id', 'sha256', 'size'])
    .where('id', '>=', window.first)
    .where('id', '<=', window.last)
    .where(
      sql<boolean>`not exists (
        select 1 from files inner join memberships on memberships.file_id = files.id
        where files.blob_id = blobs.id and ${stays('memberships', before)}
      ) and not exists (select 1 from pending_files where pending_files.blob_id = blobs.id)
      and not exists (select 1 from upload_parts where upload_parts.blob_id = blobs.id)
      and not exists (select 1 from package_blobs where package_blobs.blob_id = blobs.id and ${blobStays(before)})`,
    )
    .execute();
}

/** Bytes of packages that files have named and none names any more. */
export async function findUnnamedBlobs(db: Queryable, window: IdWindow, before: number) {
  return db
    .selectFrom('package_blobs')
    .innerJoin('packages', 'packages.id', 'package_blobs.package_id')
    .innerJoin('repositories', 'repositories.id', 'packages.repository_id')
    .select(['package_blobs.id', 'package_blobs.digest', 'package_blobs.condemned_at'])
    .select(['packages.name as package', ...repositoryColumns])
    .where('package_blobs.id', '>=', window.first)
    .where('package_blobs.id', '<=', window.last)
    .where('package_blobs.referenced', '=', 1)
    .where('package_blobs.added_at', '<=', before)
    .where('repositories.removed_at', 'is', null)
    .where(sql<boolean>`not ${isNamed(stays('memberships', before))}`)
    .execute();
}
