import type { Selectable } from 'kysely';
import type { Queryable, Tables } from '../tables.ts';
import { insertIfAbsent } from './insert.ts';

export type DocumentRow = Selectable<Tables['documents']>;

export async function findDocument(db: Queryable, name: string): Promise<DocumentRow | undefined> {
  return db.selectFrom('documents').selectAll().where('name', '=', name).executeTakeFirst();
}

/** Points a document's name at a generation. False when a newer one is there already. */
export async function replaceDocument(trx: Queryable, row: DocumentRow): Promise<boolean> {
  if (await insertIfAbsent(trx, 'documents', row)) return true;
  const { numUpdatedRows } = await trx
    .updateTable('documents')
    .set(row)
    .where('name', '=', row.name)
    .where('revision', '<=', row.revision)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
