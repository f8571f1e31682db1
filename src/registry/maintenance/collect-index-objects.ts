import { deleteIndexObject, listSupersededObjects } from '../../database/queries/index-objects.ts';
import { deletesObjects } from '../../storage/object-store.ts';
import type { GcRun } from './gc-run.ts';

/** Milliseconds for which a client may still read what has been replaced: as long as anybody may set `indexes.keep`. */
const READ_FOR = 7 * 86_400_000;

/** Documents of indices that have long been replaced by newer ones. */
export async function collectIndexObjects(run: GcRun): Promise<void> {
  const { store } = run.context;
  for (const row of await listSupersededObjects(run.read, run.context.now() - READ_FOR)) {
    run.name({ kind: 'indices', name: `${row.name}/${row.path}`, size: row.size });
    if (!run.dryRun) {
      run.check();
      if (!(await run.write((trx) => deleteIndexObject(trx, row.id)))) continue;
      if (deletesObjects(store)) await store.delete(row.storage_key);
    }
    run.note('indices', 1, row.size);
  }
}
