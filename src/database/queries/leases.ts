import type { Queryable } from '../tables.ts';
import { insertIfAbsent } from './insert.ts';

export interface LeaseRow {
  readonly holder: string;
  readonly beat: number;
}

export async function findLease(db: Queryable, name: string): Promise<LeaseRow | undefined> {
  return db.selectFrom('leases').select(['holder', 'beat']).where('name', '=', name).executeTakeFirst();
}

/** Takes a lease that nobody has. */
export async function insertLease(trx: Queryable, name: string, holder: string): Promise<boolean> {
  return insertIfAbsent(trx, 'leases', { name, holder, beat: 0 });
}

/** Takes a lease over, if it is still as it was seen. */
export async function takeLease(trx: Queryable, name: string, seen: LeaseRow, holder: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('leases')
    .set({ holder, beat: seen.beat + 1 })
    .where('name', '=', name)
    .where('holder', '=', seen.holder)
    .where('beat', '=', seen.beat)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Shows that the holder is alive. False when it is the holder no more. */
export async function beatLease(trx: Queryable, name: string, holder: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('leases')
    .set((row) => ({ beat: row('beat', '+', 1) }))
    .where('name', '=', name)
    .where('holder', '=', holder)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function deleteLease(trx: Queryable, name: string, holder: string): Promise<void> {
  await trx.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute();
}

/** All of them, by name. */
export async function listLeases(db: Queryable): Promise<readonly (LeaseRow & { readonly name: string })[]> {
  return db.selectFrom('leases').select(['name', 'holder', 'beat']).orderBy('name').execute();
}
