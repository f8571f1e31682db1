import { findNeededBlob, listNeededBlobs } from '../../database/queries/maintenance-check.ts';
import { idWindows } from '../../database/queries/maintenance-windows.ts';
import type { StepObserver } from '../../model/step-observer.ts';
import type { MaintenanceContext } from './context.ts';
import { inParallel } from './in-parallel.ts';
import { type Expected, type ObjectFault, verifyObject } from './verify-object.ts';

/** Objects that are read at once; one that is only looked up takes less. */
const READING = 4;
const LOOKING = 16;

export interface BlobFault extends ObjectFault {
  readonly id: number;
  readonly blob: Expected;
}

export interface CheckedBlobs {
  readonly blobs: number;
  readonly bytes: number;
}

/**
 * Looks at the bytes of every file that is in a repository or can be brought back, and of every layer. What is collected meanwhile is no fault,
 * nor are bytes that were stored anew; what is published meanwhile is left for the next time.
 */
export async function checkBlobs(
  { database, store }: MaintenanceContext,
  quick: boolean,
  observer: StepObserver,
  onFault: (fault: BlobFault) => void,
): Promise<CheckedBlobs> {
  let blobs = 0;
  let bytes = 0;
  await inParallel(needed(database.read), quick ? LOOKING : READING, async ({ id, blob }) => {
    const fault = await verify(id, blob);
    if (fault) onFault(fault);
    blobs += 1;
    bytes += blob.size;
    observer.advance(1, quick ? 0 : blob.size);
  });
  return { blobs, bytes };

  async function verify(id: number, blob: Expected): Promise<BlobFault | undefined> {
    for (let expected = blob; ; ) {
      const fault = await verifyObject(store, expected, quick);
      if (!fault) return undefined;
      const row = await findNeededBlob(database.read, id);
      if (!row) return undefined;
      if (row.storage_key === expected.storageKey) return { ...fault, id, blob: expected };
      expected = { ...expected, storageKey: row.storage_key };
    }
  }
}

async function* needed(db: MaintenanceContext['database']['read']) {
  for await (const window of idWindows(db, 'blobs')) {
    for (const { id, sha256, size, storage_key } of await listNeededBlobs(db, window))
      yield { id, blob: { sha256, size, storageKey: storage_key } };
  }
}
