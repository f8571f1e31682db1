import { type Kysely, sql } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';

/** Collation C: names compare by their bytes, whatever the language that the database was made for. */
export const postgresColumns: ColumnTypes = {
  table: (db, name) => db.schema.createTable(name),
  id: 'bigint',
  numbered: (column) => column.generatedByDefaultAsIdentity(),
  reference: 'bigint',
  string: (length) => sql.raw(`varchar(${length}) collate "C"`),
  text: sql.raw('text collate "C"'),
  longText: sql.raw('text collate "C"'),
  bytes: 'bytea',
  integer: 'integer',
  bigint: 'bigint',
  partialIndexes: true,
  indexSubstrings: indexTrigrams,
};

/**
 * With the extension pg_trgm, which comes with PostgreSQL and may be created by whoever owns the database. Where that is
 * refused, searches read the names themselves: slower, and right all the same.
 */
async function indexTrigrams(db: Kysely<unknown>, table: string, column: string): Promise<void> {
  const index = `create index ${table}_${column}_trigrams on ${table} using gin (${column} gin_trgm_ops)`;
  await sql
    .raw(
      `do $$ begin
        create extension if not exists pg_trgm;
        ${index};
      exception when others then
        raise notice 'no index for searches: %', sqlerrm;
      end $$`,
    )
    .execute(db);
}
