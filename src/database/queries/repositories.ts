import type { Selectable } from 'kysely';
import type { RepositoryRef } from '../../model/repository-ref.ts';
import type { Queryable, Tables } from '../tables.ts';

export type RepositoryRow = Selectable<Tables['repositories']>;

export async function findRepository(db: Queryable, ref: RepositoryRef): Promise<RepositoryRow | undefined> {
  return db
    .selectFrom('repositories')
    .selectAll()
    .where('format', '=', ref.format)
    .where('name', '=', ref.name)
    .executeTakeFirst();
}

/** All of them, or one format's, by format and name. */
export async function listRepositories(db: Queryable, format?: string): Promise<RepositoryRow[]> {
  let query = db.selectFrom('repositories').selectAll().orderBy('format').orderBy('name');
  if (format !== undefined) query = query.where('format', '=', format);
  return query.execute();
}

/** Adds one that must not be there; returns it. */
export async function insertRepository(
  trx: Queryable,
  ref: RepositoryRef,
  settings: { readonly visibility: string; readonly writePolicy: string },
  now: number,
): Promise<RepositoryRow> {
  return trx
    .insertInto('repositories')
    .values({
      format: ref.format,
      name: ref.name,
      visibility: settings.visibility,
      write_policy: settings.writePolicy,
      revision: 0,
      created_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function updateRepositorySettings(
  trx: Queryable,
  id: number,
  settings: { readonly visibility: string; readonly writePolicy: string },
): Promise<void> {
  await trx
    .updateTable('repositories')
    .set({ visibility: settings.visibility, write_policy: settings.writePolicy })
    .where('id', '=', id)
    .execute();
}

/** Removes a repository and, through the foreign keys, everything in it. Blobs stay: other repositories may have them. */
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
