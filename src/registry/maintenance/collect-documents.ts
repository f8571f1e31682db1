import { deleteDocument, listDocuments } from '../../database/queries/maintenance-objects.ts';
import { deletesObjects } from '../../storage/object-store.ts';
import type { GcRun } from './gc-run.ts';

/** Milliseconds after which a document that was not built again is dropped; whoever wants it once more has it built. */
const KEPT_FOR = 30 * 86_400_000;

/** Documents that replicas share, of repositories that do not change any more or are gone. */
export async function collectDocuments(run: GcRun): Promise<void> {
  const { store } = run.context;
  const before = run.context.now() - KEPT_FOR;
  for (const row of await listDocuments(run.read)) {
    if (row.built_at > before) continue;
    run.name({ kind: 'documents', name: row.name, size: row.size });
    if (!run.dryRun) {
      run.check();
      const gone = await run.write((trx) => deleteDocument(trx, row.name, row.storage_key));
      if (!gone) continue;
      if (deletesObjects(store)) await store.delete(row.storage_key);
    }
    run.note('documents', 1, row.size);
  }
}
