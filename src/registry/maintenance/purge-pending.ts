import { inBatches } from '../../database/in-batches.ts';
import { deletePendingFiles, listPendingSince } from '../../database/queries/pending-files.ts';
import { deleteIdleSessions, listIdleSessions } from '../../database/queries/upload-sessions.ts';
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

/** Uploads in parts that nobody goes on with; their bytes are garbage from then on. */
export async function purgeSessions(run: GcRun): Promise<void> {
  const before = run.context.now() - run.abandonedAfter;
  const rows = await listIdleSessions(run.read, before);
  for (const { id, package: name } of rows) run.name({ kind: 'sessions', name: `${name} ${id}` });
  if (run.dryRun) return run.note('sessions', rows.length);
  for (const ids of inBatches(rows.map((row) => row.id))) {
    run.check();
    run.note('sessions', await run.write((trx) => deleteIdleSessions(trx, ids, before)));
  }
}
