import { inBatches } from '../../database/in-batches.ts';
import { findBlobsOfNobody } from '../../database/queries/maintenance-garbage.ts';
import { deleteBlobsOfNobody } from '../../database/queries/maintenance-purge.ts';
import { deletesObjects } from '../../storage/object-store.ts';
import type { GcRun } from './gc-run.ts';
import { inParallel } from './in-parallel.ts';

/** Rows whose objects are deleted between two commits; a crash leaves as many objects without a row at the most. */
const BATCH = 100;
const PARALLEL = 8;

/**
 * Blobs that no file needs: first the row, then the object. Whoever publishes the same bytes meanwhile finds either the row,
 * locked until we have seen that it is needed, or none, and stores the bytes under a key of their own.
 */
export async function collectBlobs(run: GcRun): Promise<void> {
  const { store } = run.context;
  for await (const window of run.windows('blobs')) {
    const rows = await findBlobsOfNobody(run.read, window, run.before);
    for (const row of rows) run.name({ kind: 'blobs', name: `sha256:${row.sha256}`, size: row.size });
    if (run.dryRun) {
      for (const row of rows) run.note('blobs', 1, row.size);
      continue;
    }
    for (const ids of inBatches(
      rows.map((row) => row.id),
      BATCH,
    )) {
      run.check();
      const deleted = await run.write((trx) => deleteBlobsOfNobody(trx, ids));
      await inParallel(deleted, PARALLEL, async ({ storageKey, size }) => {
        if (deletesObjects(store)) await store.delete(storageKey);
        run.note('blobs', 1, size);
      });
    }
  }
}
