import type { Insertable, Selectable } from 'kysely';
import type { Queryable, Tables } from '../tables.ts';
import { insertReturningId } from './insert.ts';

export type SigningKeyRow = Selectable<Tables['signing_keys']>;

/** A repository's keys, the oldest first; those that sign no longer as well. */
export async function listSigningKeys(db: Queryable, repositoryId: number): Promise<SigningKeyRow[]> {
  return db.selectFrom('signing_keys').selectAll().where('repository_id', '=', repositoryId).orderBy('id').execute();
}

/** Some keys of all repositories, the newest first. */
export async function listNewestSigningKeys(db: Queryable, limit = 20): Promise<SigningKeyRow[]> {
  return db.selectFrom('signing_keys').selectAll().orderBy('id', 'desc').limit(limit).execute();
}

export async function insertSigningKey(trx: Queryable, row: Insertable<Tables['signing_keys']>): Promise<number> {
  return insertReturningId(trx, 'signing_keys', row);
}

/** Ends, or with `null` begins again, signing with a key. */
export async function setSigningKeyRetired(trx: Queryable, id: number, at: number | null): Promise<void> {
  await trx.updateTable('signing_keys').set({ retired_at: at }).where('id', '=', id).execute();
}
