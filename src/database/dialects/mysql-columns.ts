import { sql } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';

/** @param collation one that compares by bytes and does not ignore spaces at the end; MySQL and MariaDB name it differently */
export function mysqlColumns(collation: string): ColumnTypes {
  const options = sql.raw(`engine=InnoDB row_format=DYNAMIC default character set utf8mb4 collate ${collation}`);
  return {
    table: (db, name) => db.schema.createTable(name).modifyEnd(options),
    id: 'bigint',
    numbered: (column) => column.autoIncrement(),
    reference: 'bigint',
    string: (length) => `varchar(${length})`,
    text: 'text',
    longText: sql.raw('longtext'),
    bytes: sql.raw('longblob'),
    integer: 'integer',
    bigint: 'bigint',
    partialIndexes: false,
    // MariaDB's full-text index knows whole words only: it reads the names, which are in memory.
    indexSubstrings: async () => {},
  };
}
