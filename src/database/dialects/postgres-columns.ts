import { sql } from 'kysely';
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
};
