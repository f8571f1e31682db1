import { type Selectable, sql } from 'kysely';
import type { Queryable, Tables } from '../tables.ts';

/** Where the bytes with these digests are, as the rows say. */
export async function findKeysOfDigests(db: Queryable, sha256: readonly string[]): Promise<readonly string[]> {
  const rows = await db.selectFrom('blobs').select('storage_key').where('sha256', 'in', sha256).execute();
  return rows.map((row) => row.storage_key);
}

/** Which of these keys any row refers to. Reads all blobs: for few keys and for certainty. */
export async function findReferredKeys(db: Queryable, keys: readonly string[]): Promise<readonly string[]> {
  const blobs = await db.selectFrom('blobs').select('storage_key').where('storage_key', 'in', keys).execute();
  return [...blobs.map((row) => row.storage_key), ...(await findKeysOfDocuments(db, keys))];
}

/** Which of these keys a document of an index is stored under. */
export async function findKeysOfDocuments(db: Queryable, keys: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const table of ['documents', 'index_objects'] as const) {
    const rows = await db
      .selectFrom(table as 'documents')
      .select('storage_key')
      .where('storage_key', 'in', keys)
      .execute();
    found.push(...rows.map((row) => row.storage_key));
  }
  return found;
}

export async function listDocuments(db: Queryable): Promise<readonly Selectable<Tables['documents']>[]> {
  return db.selectFrom('documents').selectAll().orderBy('name').execute();
}

/** Forgets one generation of a document. False when another one has taken its place. */
export async function deleteDocument(trx: Queryable, name: string, storageKey: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('documents')
    .where('name', '=', name)
    .where('storage_key', '=', storageKey)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

/** When the first user was made: this database has nothing that is older. Undefined while there is none. */
export async function readBeginning(db: Queryable): Promise<number | undefined> {
  const row = await db.selectFrom('users').select(sql<number | null>`min(created_at)`.as('at')).executeTakeFirst();
  return row?.at === null || row === undefined ? undefined : Number(row.at);
}

/** Where a document's newest generation is. */
export async function findDocumentKey(db: Queryable, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('documents').select('storage_key').where('name', '=', name).executeTakeFirst();
  return row?.storage_key;
}
