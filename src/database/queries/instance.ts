import type { Queryable } from '../tables.ts';
import { insertIfAbsent } from './insert.ts';

export async function readInstance(db: Queryable, name: string): Promise<string | undefined> {
  return (await db.selectFrom('instance').select('value').where('name', '=', name).executeTakeFirst())?.value;
}

/** Notes a fact about this installation; one that is known already stays. True when it is new. */
export async function insertInstance(trx: Queryable, name: string, value: string): Promise<boolean> {
  return insertIfAbsent(trx, 'instance', { name, value });
}

/** Notes a fact that changes. */
export async function replaceInstance(trx: Queryable, name: string, value: string): Promise<void> {
  if (await insertIfAbsent(trx, 'instance', { name, value })) return;
  await trx.updateTable('instance').set({ value }).where('name', '=', name).execute();
}
