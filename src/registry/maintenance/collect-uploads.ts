import { listsUnfinished } from '../../storage/object-store.ts';
import type { GcRun } from './gc-run.ts';

/** What uploads that broke off have left in the store: staged files, parts. Dropping one that is under way makes it fail. */
export async function collectUploads(run: GcRun): Promise<void> {
  const { store, now } = run.context;
  if (!listsUnfinished(store)) return;
  for await (const { id, size, startedAt } of store.unfinished()) {
    if (startedAt > now() - run.abandonedAfter) continue;
    run.name({ kind: 'uploads', name: id, size });
    if (!run.dryRun) {
      run.check();
      await store.dropUnfinished(id);
    }
    run.note('uploads', 1, size);
  }
}
