import { inBatches } from '../../database/in-batches.ts';
import { findReferredKeys, readBeginning } from '../../database/queries/maintenance-objects.ts';
import {
  type DeletesObjects,
  deletesObjects,
  type ListedObject,
  listsObjects,
  tellsTime,
} from '../../storage/object-store.ts';
import type { GcRun } from './gc-run.ts';
import { inParallel } from './in-parallel.ts';
import { findOrphans } from './orphans.ts';

const PARALLEL = 8;
/** So many objects that nobody knows can be the remains of crashes. */
const FEW = 100;
/** Milliseconds by which the clocks of server and store may differ. */
const CLOCKS_DIFFER = 60 * 60 * 1000;

/**
 * Objects that no row names: what crashed between storing bytes and writing their row. A key belongs to one upload, so once
 * no upload can be under way any more that wants to name it, it is garbage for ever.
 */
export async function collectObjects(run: GcRun): Promise<void> {
  const { store } = run.context;
  if (!listsObjects(store) || !deletesObjects(store)) return;
  const orphans: ListedObject[] = [];
  let seen = 0;
  const count = (): void => {
    run.check();
    seen += 1;
  };
  // Ages are told by the store's own clock: one that is wrong here must not make an upload under way look old.
  const present = Date.now() - (tellsTime(store) ? await store.clockDifference() : 0);
  const latest = Math.min(present - run.abandonedAfter, run.before);
  for await (const object of findOrphans(run.context, store, count))
    if (object.modifiedAt <= latest) orphans.push(object);
  await collect(run, store, run.evenForeign ? orphans : await withoutForeign(run, orphans, seen));
}

async function collect(run: GcRun, store: DeletesObjects, orphans: readonly ListedObject[]): Promise<void> {
  for (const batch of inBatches(orphans)) {
    const referred = new Set(
      await findReferredKeys(
        run.read,
        batch.map((object) => object.key),
      ),
    );
    const garbage = batch.filter((object) => !referred.has(object.key));
    await inParallel(garbage, PARALLEL, async ({ key, size }) => {
      if (!run.dryRun) {
        run.check();
        await store.delete(key);
      }
      run.name({ kind: 'objects', name: key, size });
      run.note('objects', 1, size);
    });
  }
}

/**
 * A wrong database URL must not cost the data: objects that are older than this database are not its garbage, and neither are
 * they when they are the most of what is there.
 */
async function withoutForeign(
  run: GcRun,
  orphans: readonly ListedObject[],
  seen: number,
): Promise<readonly ListedObject[]> {
  const beginning = await readBeginning(run.read);
  const most = orphans.length > FEW && orphans.length > seen / 2;
  const isForeign = (object: ListedObject): boolean =>
    most || beginning === undefined || object.modifiedAt < beginning - CLOCKS_DIFFER;
  const foreign = orphans.filter(isForeign);
  run.foreign.count = foreign.length;
  run.foreign.bytes = foreign.reduce((sum, object) => sum + object.size, 0);
  return orphans.filter((object) => !isForeign(object));
}
