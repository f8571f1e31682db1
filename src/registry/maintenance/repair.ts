import { join } from 'node:path';
import { lockBlob, updateBlobKey } from '../../database/queries/files.ts';
import { recount } from '../../database/queries/maintenance-check.ts';
import { lockRepositoryId } from '../../database/queries/maintenance-purge.ts';
import { beginRevision } from '../../database/queries/repositories.ts';
import { deletesObjects } from '../../storage/object-store.ts';
import type { MaintenanceContext } from './context.ts';
import { type Expected, verifyObject } from './verify-object.ts';

/** Counts a repository's files again, as a revision of its own: its index must be made anew. */
export async function repairCounts({ database, now }: MaintenanceContext, repositoryId: number): Promise<void> {
  await database.write(
    async (trx) => {
      const row = await lockRepositoryId(trx, repositoryId);
      if (!row) return;
      const by = { actor: 'packyard fsck', reason: 'count files again', at: now() };
      await recount(trx, repositoryId, await beginRevision(trx, row, by));
    },
    { repeatable: true },
  );
}

/** Lets a blob's row name another object that has its digest in its key, if that one is whole. */
export async function repairFromStore(
  context: MaintenanceContext,
  blob: Expected,
  keys: readonly string[],
): Promise<boolean> {
  for (const storageKey of keys) {
    if (await verifyObject(context.store, { ...blob, storageKey }, false)) continue;
    return replaceKey(context, blob, storageKey);
  }
  return false;
}

/** Takes a blob's bytes from a backup folder, if they are there and whole. */
export async function repairFromBackup(context: MaintenanceContext, blob: Expected, folder: string): Promise<boolean> {
  const file = Bun.file(join(folder, 'blobs', 'sha256', blob.sha256.slice(0, 2), blob.sha256));
  if (!(await file.exists())) return false;
  const staged = await context.store.stage(file.stream());
  try {
    if (staged.sha256.hex !== blob.sha256 || staged.size !== blob.size) return false;
    const key = await staged.commit();
    const used = await replaceKey(context, blob, key);
    if (!used && deletesObjects(context.store)) await context.store.delete(key);
    return used;
  } finally {
    await staged.discard();
  }
}

/** False when the row does not name the damaged object any more. */
async function replaceKey({ database }: MaintenanceContext, blob: Expected, storageKey: string): Promise<boolean> {
  return database.write(
    async (trx) => {
      const row = await lockBlob(trx, blob.sha256);
      if (row?.storage_key === storageKey) return true;
      if (row?.storage_key !== blob.storageKey) return false;
      await updateBlobKey(trx, row.id, storageKey);
      return true;
    },
    { repeatable: true },
  );
}
