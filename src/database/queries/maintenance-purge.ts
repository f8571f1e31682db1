import { sql } from 'kysely';
import type { Queryable } from '../tables.ts';
import { STILL_THERE } from '../tables.ts';
import { locked } from './locked.ts';
import { isNamed } from './named-blobs.ts';

/**
 * Deleting garbage. Each function looks again under a lock whether it still is garbage: the foreign keys cascade, so a row
 * must never go while somebody puts something under it.
 */

type Ids = readonly number[];

/** Past intervals, which nothing but the history refers to. Returns how many there were. */
export async function deleteEnded(trx: Queryable, table: 'memberships' | 'aliases', ids: Ids): Promise<number> {
  if (table === 'memberships') await notePurged(trx, ids);
  const { numDeletedRows } = await trx
    .deleteFrom(table)
    .where('id', 'in', ids)
    .where('removed_in', '<', sql.lit(STILL_THERE))
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Notes in their repositories up to which revision nobody can follow any more what went. */
async function notePurged(trx: Queryable, ids: Ids): Promise<void> {
  const rows = await trx
    .selectFrom('memberships')
    .select((all) => ['repository_id', all.fn.max('removed_in').as('revision')])
    .where('id', 'in', ids)
    .where('removed_in', '<', sql.lit(STILL_THERE))
    .groupBy('repository_id')
    .orderBy('repository_id')
    .execute();
  for (const { repository_id, revision } of rows)
    await trx
      .updateTable('repositories')
      .set({ purged_revision: revision })
      .where('id', '=', repository_id)
      .where('purged_revision', '<', revision)
      .execute();
}

/** Locks a repository, and with it everything that belongs to it alone, until the transaction ends. */
export async function lockRepositoryId(trx: Queryable, id: number) {
  return locked(trx, trx.selectFrom('repositories').selectAll().where('id', '=', id)).executeTakeFirst();
}

/** Versions in which no file is or was, of a repository that is locked. */
export async function deleteEmptyVersions(trx: Queryable, ids: Ids): Promise<number> {
  const used = await trx.selectFrom('memberships').select('version_id').where('version_id', 'in', ids).execute();
  return deleteIds(trx, 'versions', without(ids, new Set(used.map((row) => row.version_id))));
}

/** Packages that have no file, version, alias or mark, of a repository that is locked. */
export async function deleteEmptyPackages(trx: Queryable, ids: Ids): Promise<number> {
  const used = new Set<number>();
  for (const table of ['memberships', 'versions', 'aliases', 'package_blobs'] as const) {
    const rows = await trx
      .selectFrom(table as 'aliases')
      .select('package_id')
      .where('package_id', 'in', ids)
      .execute();
    for (const row of rows) used.add(row.package_id);
  }
  const marked = await trx
    .selectFrom('packages')
    .select('id')
    .where('id', 'in', ids)
    .where('status', '<>', 'active')
    .execute();
  for (const row of marked) used.add(row.id);
  return deleteIds(trx, 'packages', without(ids, used));
}

/** Files in no repository, with their sidecars. */
export async function deleteFilesOfNobody(trx: Queryable, ids: Ids): Promise<number> {
  await locked(trx, trx.selectFrom('files').select('id').where('id', 'in', ids).orderBy('id')).execute();
  const used = await trx.selectFrom('memberships').select('file_id').where('file_id', 'in', ids).execute();
  return deleteIds(trx, 'files', without(ids, new Set(used.map((row) => row.file_id))));
}

export interface DeletedBlob {
  readonly storageKey: string;
  readonly size: number;
}

/** Rows of blobs that no file needs. Returns where their bytes are: after the commit, nobody can find them any more. */
export async function deleteBlobsOfNobody(trx: Queryable, ids: Ids): Promise<readonly DeletedBlob[]> {
  const rows = await locked(
    trx,
    trx.selectFrom('blobs').select(['id', 'storage_key', 'size']).where('id', 'in', ids).orderBy('id'),
  ).execute();
  const used = await trx.selectFrom('files').select('blob_id').where('blob_id', 'in', ids).execute();
  const waiting = await trx.selectFrom('pending_files').select('blob_id').where('blob_id', 'in', ids).execute();
  const parts = await trx.selectFrom('upload_parts').select('blob_id').where('blob_id', 'in', ids).execute();
  const owned = await trx.selectFrom('package_blobs').select('blob_id').where('blob_id', 'in', ids).execute();
  const needed = new Set([...used, ...waiting, ...parts, ...owned].map((row) => row.blob_id));
  const garbage = rows.filter((row) => !needed.has(row.id));
  await deleteIds(
    trx,
    'blobs',
    garbage.map((row) => row.id),
  );
  return garbage.map((row) => ({ storageKey: row.storage_key, size: row.size }));
}

/** Takes bytes of packages, of a repository that is locked, out of sight, if no file names them any more. */
export async function condemnUnnamedBlobs(trx: Queryable, ids: Ids, now: number): Promise<void> {
  await trx
    .updateTable('package_blobs')
    .set({ condemned_at: now })
    .where('id', 'in', ids)
    .where('condemned_at', 'is', null)
    .where(sql<boolean>`not ${isNamed()}`)
    .execute();
}

/** Takes those away that have been out of sight since this time or longer. */
export async function deleteCondemnedBlobs(trx: Queryable, ids: Ids, latest: number): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom('package_blobs')
    .where('id', 'in', ids)
    .where('condemned_at', '<=', latest)
    .where(sql<boolean>`not ${isNamed()}`)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** From now on the removed repository cannot be brought back, so it may go in parts. False when it has been brought back. */
export async function condemnRepository(trx: Queryable, id: number): Promise<boolean> {
  const row = await lockRepositoryId(trx, id);
  if (!row || row.removed_at === null) return false;
  await trx.updateTable('repositories').set({ removed_name: null }).where('id', '=', id).execute();
  return true;
}

/** The tables that hold a repository's content, in an order that leaves nothing without what it belongs to. */
export const CONTENT_TABLES = ['memberships', 'aliases', 'versions', 'packages', 'revisions'] as const;

/** Deletes at most `limit` rows of a condemned repository; returns how many there were. */
export async function deleteContent(
  trx: Queryable,
  table: (typeof CONTENT_TABLES)[number],
  repositoryId: number,
  limit: number,
): Promise<number> {
  if (table === 'revisions') return deleteRevisions(trx, repositoryId, limit);
  const ids =
    table === 'versions'
      ? trx
          .selectFrom('versions')
          .innerJoin('packages', 'packages.id', 'versions.package_id')
          .select('versions.id')
          .where('packages.repository_id', '=', repositoryId)
      : trx
          .selectFrom(table as 'packages')
          .select('id')
          .where('repository_id', '=', repositoryId);
  const rows = await ids.limit(limit).execute();
  return deleteIds(
    trx,
    table,
    rows.map((row) => row.id),
  );
}

async function deleteRevisions(trx: Queryable, repositoryId: number, limit: number): Promise<number> {
  const own = trx.selectFrom('revisions').select('number').where('repository_id', '=', repositoryId);
  const rows = await own.orderBy('number').limit(limit).execute();
  if (rows.length === 0) return 0;
  await trx
    .deleteFrom('revisions')
    .where('repository_id', '=', repositoryId)
    .where(
      'number',
      'in',
      rows.map((row) => row.number),
    )
    .execute();
  return rows.length;
}

/** Whether a locked repository is out of view and has nothing at all in it. */
export async function isForgotten(trx: Queryable, id: number): Promise<boolean> {
  const row = await lockRepositoryId(trx, id);
  if (row?.keep_empty !== 0 || row.file_count !== 0 || row.removed_at !== null) return false;
  for (const table of ['packages', 'pending_files', 'upload_sessions'] as const) {
    const left = await trx
      .selectFrom(table as 'packages')
      .select('id')
      .where('repository_id', '=', id)
      .limit(1)
      .execute();
    if (left.length > 0) return false;
  }
  return true;
}

async function deleteIds(
  trx: Queryable,
  table: 'memberships' | 'aliases' | 'versions' | 'packages' | 'files' | 'blobs',
  ids: Ids,
): Promise<number> {
  if (ids.length === 0) return 0;
  const { numDeletedRows } = await trx
    .deleteFrom(table as 'packages')
    .where('id', 'in', ids)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

function without(ids: Ids, used: ReadonlySet<number>): Ids {
  return ids.filter((id) => !used.has(id));
}
