import { sql } from 'kysely';
import { type Queryable, STILL_THERE, type Tables } from '../tables.ts';

/** Which of the files that are there no more; what is left out does not matter. */
export interface DeletedFilter {
  readonly repositoryId: number;
  /** Its normalised name. */
  readonly package?: string;
  readonly version?: string;
  readonly fileName?: string;
  /** Only what this revision removed. */
  readonly revision?: number;
}

/** Written into the statement: an index of the ended memberships alone is used only where the condition can be seen. */
const ENDED = sql.lit(STILL_THERE);

/** Ended memberships. */
function ended(db: Queryable, filter: DeletedFilter) {
  const { version, fileName, revision } = filter;
  let query = inPlace(db, filter).where('memberships.removed_in', '<', ENDED);
  if (version !== undefined)
    query = query.where(({ exists }) =>
      exists(
        db
          .selectFrom('versions')
          .select('versions.id')
          .whereRef('versions.id', '=', sql.ref('memberships.version_id'))
          .where('versions.version', '=', version),
      ),
    );
  if (fileName !== undefined)
    query = query.where(({ exists }) =>
      exists(
        db
          .selectFrom('files')
          .select('files.id')
          .whereRef('files.id', '=', sql.ref('memberships.file_id'))
          .where('files.name', '=', fileName),
      ),
    );
  return revision === undefined ? query : query.where('memberships.removed_in', '=', revision);
}

/** Memberships of the package or, without one, of the repository: one condition alone, so that its index is used. */
function inPlace(db: Queryable, { repositoryId, package: name }: DeletedFilter) {
  const query = db.selectFrom('memberships');
  if (name === undefined) return query.where('memberships.repository_id', '=', repositoryId);
  const own = db.selectFrom('packages').select('id').where('repository_id', '=', repositoryId).where('name', '=', name);
  return query.where('memberships.package_id', '=', own);
}

/** What can be brought back: nothing has been at the path since, so it was deleted and not replaced. */
function deleted(db: Queryable, filter: DeletedFilter) {
  return ended(db, filter).where(({ not, exists }) => not(exists(later(db))));
}

/** Whether something was at the path of `memberships` after it: a later file, the same one yanked, what is there now. */
function later(db: Queryable) {
  return db
    .selectFrom('memberships as later')
    .select('later.id')
    .whereRef('later.repository_id', '=', sql.ref('memberships.repository_id'))
    .whereRef('later.path', '=', sql.ref('memberships.path'))
    .whereRef('later.removed_in', '>', sql.ref('memberships.removed_in'));
}

/** What can be brought back, the last deleted first. */
export async function listDeleted(
  db: Queryable,
  filter: DeletedFilter,
  page: { readonly before?: { readonly revision: number; readonly id: number }; readonly limit: number },
) {
  let query = deleted(db, filter)
    .select('memberships.id')
    .orderBy('memberships.removed_in', 'desc')
    .orderBy('memberships.id', 'desc')
    .limit(page.limit);
  const { before } = page;
  if (before)
    query = query
      .where('memberships.removed_in', '<=', before.revision)
      .where(({ or, eb }) =>
        or([eb('memberships.removed_in', '<', before.revision), eb('memberships.id', '<', before.id)]),
      );
  // By themselves first: joined with all that is told of them, some databases would sort everything to show a page of it.
  const ids = (await query.execute()).map((row) => row.id);
  return ids.length === 0 ? [] : describeDeleted(db, ids);
}

function describeDeleted(db: Queryable, ids: readonly number[]) {
  return db
    .selectFrom('memberships')
    .innerJoin('files', 'files.id', 'memberships.file_id')
    .innerJoin('blobs', 'blobs.id', 'files.blob_id')
    .innerJoin('versions', 'versions.id', 'memberships.version_id')
    .innerJoin('packages', 'packages.id', 'memberships.package_id')
    .innerJoin('revisions', (join) =>
      join
        .onRef('revisions.repository_id', '=', 'memberships.repository_id')
        .onRef('revisions.number', '=', 'memberships.removed_in'),
    )
    .select([
      'memberships.id',
      'packages.name as package',
      'versions.version',
      'files.name',
      'blobs.size',
      'blobs.sha256',
      'memberships.removed_in as revision',
      'revisions.at',
      'revisions.actor',
      'revisions.reason',
    ])
    .where('memberships.id', 'in', ids)
    .orderBy('memberships.removed_in', 'desc')
    .orderBy('memberships.id', 'desc')
    .execute();
}

/** Memberships that can be brought back, after one of them, with their packages. */
export async function listDeletedIds(
  db: Queryable,
  filter: DeletedFilter,
  page: { readonly after: number; readonly limit: number },
) {
  return deleted(db, filter)
    .select(['memberships.id', 'memberships.package_id'])
    .where('memberships.id', '>', page.after)
    .orderBy('memberships.id')
    .limit(page.limit)
    .execute();
}

/** Versions of what can be brought back that are aliases now. */
export async function listAliasedVersions(db: Queryable, filter: DeletedFilter) {
  return deleted(db, filter)
    .innerJoin('versions', 'versions.id', 'memberships.version_id')
    .innerJoin('packages', 'packages.id', 'memberships.package_id')
    .innerJoin('aliases', (join) =>
      join
        .onRef('aliases.package_id', '=', 'memberships.package_id')
        .onRef('aliases.name', '=', 'versions.version')
        .on('aliases.removed_in', '=', STILL_THERE),
    )
    .select(['packages.name as package', 'versions.version'])
    .distinct()
    .limit(1)
    .execute();
}

/**
 * Paths of deleted files at which other bytes are now.
 * @param replaced also of files that were replaced without having been deleted
 */
export async function listTakenPaths(
  db: Queryable,
  filter: DeletedFilter,
  { replaced, limit }: { readonly replaced: boolean; readonly limit: number },
): Promise<string[]> {
  let query = ended(db, filter)
    .innerJoin('memberships as present', (join) =>
      join
        .onRef('present.repository_id', '=', 'memberships.repository_id')
        .onRef('present.path', '=', 'memberships.path')
        .on('present.removed_in', '=', STILL_THERE),
    )
    .innerJoin('files', 'files.id', 'memberships.file_id')
    .innerJoin('files as present_files', 'present_files.id', 'present.file_id')
    .whereRef('present_files.blob_id', '!=', 'files.blob_id')
    .where(({ not, exists }) => not(exists(later(db).where('later.removed_in', '<', ENDED))))
    .select('memberships.path')
    .orderBy('memberships.path')
    .limit(limit);
  if (!replaced) query = query.whereRef('present.added_in', '!=', 'memberships.removed_in');
  return (await query.execute()).map((row) => row.path);
}

const COLUMNS = [
  'repository_id',
  'package_id',
  'version_id',
  'file_id',
  'path',
  'added_in',
  'removed_in',
  'added_at',
  'added_by',
  'yanked',
] as const satisfies readonly (keyof Tables['memberships'])[];

/** Begins ended memberships anew with this revision, as they were; returns how many. */
export async function restoreMemberships(trx: Queryable, ids: readonly number[], revision: number): Promise<number> {
  const again = trx
    .selectFrom('memberships')
    .select([
      'repository_id',
      'package_id',
      'version_id',
      'file_id',
      'path',
      sql.lit(revision).as('added_in'),
      ENDED.as('removed_in'),
      'added_at',
      'added_by',
      'yanked',
    ])
    .where('id', 'in', ids);
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('memberships')
    .columns([...COLUMNS])
    .expression(again)
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows ?? 0n);
}
