import type { Queryable } from '../tables.ts';
import { insertIfAbsent } from './insert.ts';

export async function readInstance(db: Queryable, name: string): Promise<string | undefined> {
  return (await db.selectFrom('instance').select('value').where('name', '=', name).executeTakeFirst())?.value;
}

/** Notes a fact about this installation; one that is known already stays. True when it is new. */
export async function insertInstance(trx: Queryable, name: string, value: string): Promise<boolean> {
  return insertIfAbsent(trx, 'instance', { name, value });
}
