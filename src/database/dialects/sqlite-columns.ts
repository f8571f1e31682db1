import type { ColumnTypes } from '../column-types.ts';

export const sqliteColumns: ColumnTypes = {
  table: (db, name) => db.schema.createTable(name),
  id: 'integer',
  numbered: (column) => column.autoIncrement(),
  reference: 'integer',
  string: (length) => `varchar(${length})`,
  text: 'text',
  longText: 'text',
  bytes: 'blob',
  integer: 'integer',
  bigint: 'bigint',
  partialIndexes: true,
};
