import type { Selectable } from 'kysely';
import type { RepositoryRef } from '../../model/repository-ref.ts';
import type { Queryable, Tables } from '../tables.ts';
import { insertIfAbsent } from './insert.ts';
import { locked } from './locked.ts';

export type RepositoryRow = Selectable<Tables['repositories']>;

export async function findRepository(db: Queryable, ref: RepositoryRef): Promise<RepositoryRow | undefined> {
  return db
    .selectFrom('repositories')
    .selectAll()
    .where('format', '=', ref.format)
    .where('name', '=', ref.name)
    .executeTakeFirst();
}

/** The same, and nobody else changes it until this transaction ends: every change of a repository begins with this. */
export async function lockRepository(trx: Queryable, ref: RepositoryRef): Promise<RepositoryRow | undefined> {
  const query = trx
    .selectFrom('repositories')
    .selectAll()
    .where('format', '=', ref.format)
    .where('name', '=', ref.name);
  return locked(trx, query).executeTakeFirst();
}

/** All of them, or one format's, by format and name. */
export async function listRepositories(db: Queryable, format?: string): Promise<RepositoryRow[]> {
  let query = db
    .selectFrom('repositories')
    .selectAll()
    .where('removed_at', 'is', null)
    .where((where) => where.or([where('file_count', '>', 0), where('keep_empty', '=', 1)]))
    .orderBy('format')
    .orderBy('name');
  if (format !== undefined) query = query.where('format', '=', format);
  return query.execute();
}

/** Adds one, if it is not there; returns it locked, and whether it is new. */
export async function ensureRepository(
  trx: Queryable,
  ref: RepositoryRef,
  settings: RepositoryColumns,
  now: number,
): Promise<{ row: RepositoryRow; isNew: boolean }> {
  const known = await lockRepository(trx, ref);
  if (known) return { row: known, isNew: false };
  const isNew = await insertIfAbsent(trx, 'repositories', {
    format: ref.format,
    name: ref.name,
    ...settings,
    revision: 0,
    created_at: now,
  });
  const row = await lockRepository(trx, ref);
  if (!row) throw new Error('the repository just added is not there');
  return { row, isNew };
}

/** The columns that hold what somebody chose. */
export type RepositoryColumns = Pick<
  Selectable<Tables['repositories']>,
  | 'visibility'
  | 'write_policy'
  | 'keep_empty'
  | 'downloads'
  | 'keep_versions'
  | 'keep_days'
  | 'immutable_tags'
  | 'incomplete_images'
>;

export async function updateRepositorySettings(trx: Queryable, id: number, settings: RepositoryColumns): Promise<void> {
  await trx.updateTable('repositories').set(settings).where('id', '=', id).execute();
}

/** Takes a repository out of view under a name that nobody can ask for; everything in it stays until it is purged. */
export async function hideRepository(trx: Queryable, row: RepositoryRow, at: number): Promise<void> {
  await trx
    .updateTable('repositories')
    .set({ name: `~${row.id}`, removed_name: row.name, removed_at: at })
    .where('id', '=', row.id)
    .execute();
}

/** Removed repositories, or those of them that had this format or name, the last one first. Their newest revision is the removal. */
export async function listRemovedRepositories(
  db: Queryable,
  filter: { readonly format?: string; readonly name?: string; readonly id?: number },
) {
  let query = db
    .selectFrom('repositories')
    .innerJoin('revisions', (join) =>
      join
        .onRef('revisions.repository_id', '=', 'repositories.id')
        .onRef('revisions.number', '=', 'repositories.revision'),
    )
    .selectAll('repositories')
    .select(['revisions.actor', 'revisions.at'])
    .where('repositories.removed_name', 'is not', null)
    .orderBy('repositories.removed_at', 'desc')
    .orderBy('repositories.id', 'desc');
  if (filter.format !== undefined) query = query.where('repositories.format', '=', filter.format);
  if (filter.name !== undefined) query = query.where('repositories.removed_name', '=', filter.name);
  if (filter.id !== undefined) query = query.where('repositories.id', '=', filter.id);
  return query.execute();
}

/** Gives a removed repository its name back. */
export async function showRepository(trx: Queryable, id: number, name: string): Promise<void> {
  await trx
    .updateTable('repositories')
    .set({ name, removed_name: null, removed_at: null })
    .where('id', '=', id)
    .execute();
}

/** Removes a repository for good and, through the foreign keys, everything in it. Blobs stay: other repositories may have them. */
export async function deleteRepository(trx: Queryable, id: number): Promise<void> {
  await trx.deleteFrom('repositories').where('id', '=', id).execute();
}

/** Begins the next revision of a repository and returns its number. */
export async function beginRevision(
  trx: Queryable,
  repository: { readonly id: number; readonly revision: number },
  by: { readonly actor: string; readonly reason: string; readonly at: number },
): Promise<number> {
  const number = repository.revision + 1;
  await trx.updateTable('repositories').set({ revision: number }).where('id', '=', repository.id).execute();
  await trx
    .insertInto('revisions')
    .values({ repository_id: repository.id, number, ...by })
    .execute();
  return number;
}

/** The newest first. */
export async function listRevisions(db: Queryable, repositoryId: number, limit: number) {
  return db
    .selectFrom('revisions')
    .select(['number', 'actor', 'reason', 'at'])
    .where('repository_id', '=', repositoryId)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
}
