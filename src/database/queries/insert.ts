import type { Insertable } from 'kysely';
import type { Queryable, Tables } from '../tables.ts';
import { traitsOf } from '../traits.ts';

/** Tables whose rows number themselves. */
type Numbered = {
  [Table in keyof Tables]: Tables[Table] extends { id: { readonly __select__: number } } ? Table : never;
}[keyof Tables];

/** Adds a row and returns its id. */
export async function insertReturningId<Table extends Numbered>(
  trx: Queryable,
  table: Table,
  values: Insertable<Tables[Table]>,
): Promise<number> {
  const insert = trx.insertInto(table as Numbered).values(values as never);
  if (traitsOf(trx).returning) return (await insert.returning('id').executeTakeFirstOrThrow()).id;
  const { insertId } = await insert.executeTakeFirstOrThrow();
  return Number(insertId);
}

/**
 * An insert that leaves out the rows of which the unique key is there; it waits for transactions that are adding some of them.
 * MySQL's IGNORE would also cut what is too long, so this is for values whose length has been checked.
 */
export function insertUnlessPresent<Table extends keyof Tables>(
  trx: Queryable,
  table: Table,
  rows: readonly Insertable<Tables[Table]>[],
) {
  const insert = trx.insertInto(table).values(rows);
  return traitsOf(trx).onConflict ? insert.onConflict((conflict) => conflict.doNothing()) : insert.ignore();
}

/** Adds a row unless one with the same unique key is there. True when it was added. */
export async function insertIfAbsent<Table extends keyof Tables>(
  trx: Queryable,
  table: Table,
  values: Insertable<Tables[Table]>,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await insertUnlessPresent(trx, table, [values]).executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}
