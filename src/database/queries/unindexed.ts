import { type RawBuilder, sql } from 'kysely';

/**
 * A numeric column as an expression, which no index answers: for a condition that is to be checked on what another one has found.
 * Without statistics, and SQLite has none, a database takes every equation for equally good.
 */
export function unindexed(column: string): RawBuilder<number> {
  return sql<number>`(${sql.ref(column)} + 0)`;
}
