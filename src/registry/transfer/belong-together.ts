import type { Database } from '../../database/database.ts';
import { readEdgeBlobs } from '../../database/queries/transfer-blobs.ts';
import { PackyardError } from '../../model/errors.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

/** Blobs that are looked for, and how few of them tell nothing. */
const SAMPLE = 50;
const TOO_FEW = 10;

/**
 * Refuses a storage that has none of the bytes that the database names: a wrong setting must not look like a loss of
 * everything, long after the work has begun.
 * @throws PackyardError `conflict`
 */
export async function checkBelongTogether(database: Database, store: ObjectStore): Promise<void> {
  const sample = await readEdgeBlobs(database.read, SAMPLE);
  if (sample.length < TOO_FEW) return;
  for (const { storage_key } of sample) if (await store.stat(storage_key)) return;
  throw new PackyardError('conflict', `${store.description} has nothing of what ${database.description} names`, {
    hint: 'check that the settings database and storage belong together',
  });
}
