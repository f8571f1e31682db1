import { type Kysely, sql } from 'kysely';
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
  indexSubstrings: indexTrigrams,
};

/** An FTS5 table of the column's trigrams, which triggers keep up. The texts themselves stay in their own table alone. */
async function indexTrigrams(db: Kysely<unknown>, table: string, column: string): Promise<void> {
  const index = `${table}_${column}_trigrams`;
  const add = `insert into ${index} (rowid, ${column}) values (new.id, new.${column})`;
  const drop = `insert into ${index} (${index}, rowid, ${column}) values ('delete', old.id, old.${column})`;
  const statements = [
    `create virtual table ${index} using fts5(
      ${column}, content='${table}', content_rowid='id', columnsize=0, tokenize='trigram case_sensitive 1'
    )`,
    `insert into ${index} (${index}) values ('rebuild')`,
    `create trigger ${index}_added after insert on ${table} begin ${add}; end`,
    `create trigger ${index}_removed after delete on ${table} begin ${drop}; end`,
    `create trigger ${index}_changed after update of ${column} on ${table} begin ${drop}; ${add}; end`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
