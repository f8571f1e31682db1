import { sql } from 'kysely';
import { TRANSFER_TABLES } from './queries/transfer-tables.ts';
import type { Queryable } from './tables.ts';
import { traitsOf } from './traits.ts';

/** Lets new rows be numbered behind those that were inserted with numbers of their own. */
export async function continueNumbering(trx: Queryable): Promise<void> {
  if (!traitsOf(trx).sequences) return;
  for (const { name, counter } of TRANSFER_TABLES) {
    if (counter === undefined) continue;
    await sql`select setval(pg_get_serial_sequence(${name}, ${counter}), coalesce(max(id), 0) + 1, false)
      from ${sql.table(name)}`.execute(trx);
  }
}
