import { deletePendingFiles, listPendingSince } from '../../database/queries/pending-files.ts';
import type { GcRun } from './gc-run.ts';

/** Uploaded files for which nothing came that says what they belong to. */
export async function purgePending(run: GcRun): Promise<void> {
  const rows = await listPendingSince(run.read, run.context.now() - run.abandonedAfter);
  const nameOf = (row: (typeof rows)[number]) => `${row.format}/${row.repository} ${row.name}`;
  await run.purge('pending', rows, nameOf, async (trx, ids) => {
    await deletePendingFiles(trx, ids);
    return ids.length;
  });
}
