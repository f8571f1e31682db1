import type { Database } from '../../database/database.ts';
import { countTransferRows } from '../../database/queries/transfer.ts';
import { markIncomplete, readIncomplete } from '../../database/queries/transfer-marks.ts';
import { TRANSFER_TABLES } from '../../database/queries/transfer-tables.ts';
import type { Queryable } from '../../database/tables.ts';
import { PackyardError } from '../../model/errors.ts';
import type { StepObserver } from '../../model/step-observer.ts';
import { listsObjects, type ObjectStore } from '../../storage/object-store.ts';

/** What is filled. */
export interface Target {
  readonly database: Database;
  /** The store itself, with all powers of its driver. */
  readonly store: ObjectStore;
}

export interface LoadOptions {
  readonly observer: StepObserver;
  /** Called again and again: what it throws ends the work there. */
  readonly check: () => void;
}

/**
 * Whether a target is half filled by the same work, so that it can go on.
 * @throws PackyardError `conflict` when it is half filled by other work
 */
export async function isBegun({ database }: Target, work: string): Promise<boolean> {
  const incomplete = await readIncomplete(database.read);
  if (incomplete === undefined || incomplete === work) return incomplete === work;
  throw new PackyardError('conflict', `${database.description} is half filled by other work: the ${incomplete}`, {
    hint: 'finish that, or name an empty database and an empty storage',
  });
}

/**
 * Marks an empty target as half filled: from now on nobody else opens it.
 * @param storeMayBeUsed the store is one that the source uses as well
 * @throws PackyardError `conflict` when there is something in it
 */
export async function begin(target: Target, work: string, storeMayBeUsed = false): Promise<void> {
  const { database, store } = target;
  if (!storeMayBeUsed && (await hasObjects(store))) throw notEmpty(store.description, 'storage');
  await database.write(async (trx) => {
    if (await hasRows(trx)) throw notEmpty(database.description, 'database');
    await markIncomplete(trx, work);
  });
}

async function hasRows(db: Queryable): Promise<boolean> {
  for (const { name } of TRANSFER_TABLES) if ((await countTransferRows(db, name)) > 0) return true;
  return false;
}

async function hasObjects(store: ObjectStore): Promise<boolean> {
  if (!listsObjects(store)) return false;
  for await (const _ of store.list()) return true;
  return false;
}

function notEmpty(place: string, kind: 'database' | 'storage'): PackyardError {
  return new PackyardError('conflict', `${place} is not empty`, {
    hint:
      kind === 'database'
        ? 'a whole instance goes into an empty database: make a new one, or name another with the setting database'
        : 'a whole instance goes into an empty storage: empty it, or name another with the setting storage',
  });
}
