import type { Insertable, Selectable } from 'kysely';
import type { Queryable, Tables } from '../tables.ts';
import { insertIfAbsent, insertReturningId } from './insert.ts';

export type IndexObjectRow = Selectable<Tables['index_objects']>;

/** The present objects of an index, by path. */
export async function listIndexObjects(db: Queryable, repositoryId: number, name: string): Promise<IndexObjectRow[]> {
  return db
    .selectFrom('index_objects')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .where('name', '=', name)
    .where('superseded_at', 'is', null)
    .orderBy('path')
    .orderBy('id')
    .execute();
}

/** An object by the digest of what is stored, also one that has been replaced. */
export async function findIndexObject(
  db: Queryable,
  repositoryId: number,
  name: string,
  sha256: string,
): Promise<IndexObjectRow | undefined> {
  return db
    .selectFrom('index_objects')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .where('name', '=', name)
    .where('sha256', '=', sha256)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** What was drawn from blobs once, compressed. */
export async function listFileListings(db: Queryable, blobIds: readonly number[]) {
  return db.selectFrom('file_listings').selectAll().where('blob_id', 'in', blobIds).execute();
}

/** Keeps it, unless somebody else was faster or the blob has gone. */
export async function insertFileListing(trx: Queryable, blobId: number, content: Uint8Array): Promise<void> {
  const blob = await trx.selectFrom('blobs').select('id').where('id', '=', blobId).executeTakeFirst();
  if (blob) await insertIfAbsent(trx, 'file_listings', { blob_id: blobId, content });
}

/** Puts an object in the place of those that the path had. */
export async function replaceIndexObject(
  trx: Queryable,
  row: Insertable<Tables['index_objects']>,
  at: number,
): Promise<void> {
  await supersedeIndexObjects(trx, row.repository_id, row.name, row.path, at);
  await insertReturningId(trx, 'index_objects', row);
}

export async function supersedeIndexObjects(
  trx: Queryable,
  repositoryId: number,
  name: string,
  path: string,
  at: number,
): Promise<void> {
  await trx
    .updateTable('index_objects')
    .set({ superseded_at: at })
    .where('repository_id', '=', repositoryId)
    .where('name', '=', name)
    .where('path', '=', path)
    .where('superseded_at', 'is', null)
    .execute();
}

/** Objects that were replaced at this time or before. @param index left out, those of all indices */
export async function listSupersededObjects(
  db: Queryable,
  before: number,
  index?: { readonly repositoryId: number; readonly name: string },
): Promise<IndexObjectRow[]> {
  const superseded = db.selectFrom('index_objects').selectAll().where('superseded_at', '<=', before).orderBy('id');
  if (!index) return superseded.execute();
  return superseded.where('repository_id', '=', index.repositoryId).where('name', '=', index.name).execute();
}

export async function deleteIndexObject(trx: Queryable, id: number): Promise<boolean> {
  const { numDeletedRows } = await trx.deleteFrom('index_objects').where('id', '=', id).executeTakeFirst();
  return numDeletedRows === 1n;
}
