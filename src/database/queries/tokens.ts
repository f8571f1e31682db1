import type { Insertable } from 'kysely';
import type { Queryable, Tables } from '../tables.ts';
import { insertIfAbsent } from './insert.ts';

function tokens(db: Queryable) {
  return db
    .selectFrom('tokens')
    .innerJoin('users', 'users.id', 'tokens.user_id')
    .selectAll('tokens')
    .select('users.name as user');
}

export type TokenRow = Awaited<ReturnType<typeof listTokens>>[number];

/** All of them, the newest first. */
export async function listTokens(db: Queryable) {
  return tokens(db).orderBy('tokens.created_at', 'desc').orderBy('tokens.id').execute();
}

export async function findTokenById(db: Queryable, id: string): Promise<TokenRow | undefined> {
  return tokens(db).where('tokens.id', '=', id).executeTakeFirst();
}

export async function findTokenBySecret(db: Queryable, sha256: string): Promise<TokenRow | undefined> {
  return tokens(db).where('tokens.secret_sha256', '=', sha256).executeTakeFirst();
}

/** Adds a token for a user, who is added too if the name is new. */
export async function insertToken(
  trx: Queryable,
  user: string,
  token: Omit<Insertable<Tables['tokens']>, 'user_id'>,
): Promise<void> {
  await insertIfAbsent(trx, 'users', { name: user, created_at: token.created_at });
  const owner = await trx.selectFrom('users').select('id').where('name', '=', user).executeTakeFirstOrThrow();
  await trx
    .insertInto('tokens')
    .values({ ...token, user_id: owner.id })
    .execute();
}

export async function revokeToken(trx: Queryable, id: string, now: number): Promise<void> {
  await trx
    .updateTable('tokens')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
}

export async function noteTokenUse(trx: Queryable, uses: ReadonlyMap<string, number>): Promise<void> {
  // In one order for all, so that two replicas do not wait for each other's rows.
  for (const [id, at] of [...uses].sort())
    await trx.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute();
}
