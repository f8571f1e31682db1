import type { Selectable } from 'kysely';
import type { Queryable, Tables } from '../tables.ts';
import { locked } from './locked.ts';

export type UploadSessionRow = Selectable<Tables['upload_sessions']>;

export async function insertUploadSession(trx: Queryable, row: UploadSessionRow): Promise<void> {
  await trx.insertInto('upload_sessions').values(row).execute();
}

/** One whose repository has not been removed. */
export async function findUploadSession(db: Queryable, id: string): Promise<UploadSessionRow | undefined> {
  return uploadSession(db, id).executeTakeFirst();
}

/** The same, and nobody else changes it until this transaction ends. */
export async function lockUploadSession(trx: Queryable, id: string): Promise<UploadSessionRow | undefined> {
  return locked(trx, uploadSession(trx, id)).executeTakeFirst();
}

function uploadSession(db: Queryable, id: string) {
  return db
    .selectFrom('upload_sessions')
    .selectAll()
    .where('id', '=', id)
    .where('repository_id', 'in', (repositories) =>
      repositories.selectFrom('repositories').select('repositories.id').where('removed_at', 'is', null),
    );
}

/** Adds a part at the end of a session that is locked. */
export async function insertUploadPart(
  trx: Queryable,
  session: UploadSessionRow,
  part: { readonly blobId: number; readonly size: number; readonly digest: string | null; readonly at: number },
): Promise<void> {
  await trx
    .insertInto('upload_parts')
    .values({ session_id: session.id, number: session.parts, blob_id: part.blobId, digest: part.digest })
    .execute();
  await trx
    .updateTable('upload_sessions')
    .set({ size: session.size + part.size, parts: session.parts + 1, touched_at: part.at })
    .where('id', '=', session.id)
    .execute();
}

/** A session's parts in their order. */
export async function listUploadParts(db: Queryable, sessionId: string) {
  return db
    .selectFrom('upload_parts')
    .innerJoin('blobs', 'blobs.id', 'upload_parts.blob_id')
    .select(['upload_parts.blob_id', 'upload_parts.digest', 'blobs.sha256', 'blobs.size', 'blobs.storage_key'])
    .where('upload_parts.session_id', '=', sessionId)
    .orderBy('upload_parts.number')
    .execute();
}

/** Ends sessions with their parts, of which the bytes become garbage. Returns how many there were. */
export async function deleteUploadSessions(trx: Queryable, ids: readonly string[]): Promise<number> {
  const { numDeletedRows } = await trx.deleteFrom('upload_sessions').where('id', 'in', ids).executeTakeFirst();
  return Number(numDeletedRows);
}

/** Sessions that nobody has written to since this time or longer. */
export async function listIdleSessions(db: Queryable, before: number) {
  return db
    .selectFrom('upload_sessions')
    .select(['id', 'package', 'size'])
    .where('touched_at', '<=', before)
    .orderBy('id')
    .execute();
}

/** Ends those of these sessions that still are idle. */
export async function deleteIdleSessions(trx: Queryable, ids: readonly string[], before: number): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom('upload_sessions')
    .where('id', 'in', ids)
    .where('touched_at', '<=', before)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
