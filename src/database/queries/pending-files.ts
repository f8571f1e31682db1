import type { Queryable } from '../tables.ts';
import { insertIfAbsent } from './insert.ts';

export interface PendingRow {
  readonly id: number;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

/** Notes a file that waits for the one that describes it; the same file once more is no other. */
export async function insertPendingFile(
  trx: Queryable,
  file: { repositoryId: number; name: string; blobId: number; at: number; actor: string },
): Promise<void> {
  const isNew = await insertIfAbsent(trx, 'pending_files', {
    repository_id: file.repositoryId,
    name: file.name,
    blob_id: file.blobId,
    added_at: file.at,
    added_by: file.actor,
  });
  if (isNew) return;
  await trx
    .updateTable('pending_files')
    .set({ added_at: file.at })
    .where('repository_id', '=', file.repositoryId)
    .where('name', '=', file.name)
    .where('blob_id', '=', file.blobId)
    .execute();
}

/** Waiting files by their names. */
export async function listPendingFiles(
  db: Queryable,
  repositoryId: number,
  names: readonly string[],
): Promise<PendingRow[]> {
  if (names.length === 0) return [];
  return db
    .selectFrom('pending_files')
    .innerJoin('blobs', 'blobs.id', 'pending_files.blob_id')
    .select(['pending_files.id', 'pending_files.name', 'blobs.size', 'blobs.sha256'])
    .where('pending_files.repository_id', '=', repositoryId)
    .where('pending_files.name', 'in', names)
    .execute();
}

export async function deletePendingFiles(trx: Queryable, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await trx.deleteFrom('pending_files').where('id', 'in', ids).execute();
}

/** Files that have waited since this time or longer. */
export async function listPendingSince(db: Queryable, before: number) {
  return db
    .selectFrom('pending_files')
    .innerJoin('repositories', 'repositories.id', 'pending_files.repository_id')
    .select(['pending_files.id', 'pending_files.name', 'repositories.format', 'repositories.name as repository'])
    .where('pending_files.added_at', '<=', before)
    .orderBy('pending_files.id')
    .execute();
}
