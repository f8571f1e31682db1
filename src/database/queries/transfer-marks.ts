import type { Queryable } from '../tables.ts';
import { insertInstance, readInstance } from './instance.ts';

/** Which restore or migration has begun to fill this database and has not finished. Nobody else may use it meanwhile. */
const INCOMPLETE = 'incomplete';
/** Of which instance this one is a copy, for as long as nobody has changed it. */
const COPIED_FROM = 'copied-from';

/** Facts about this copy alone: no copy of it inherits them. */
export const OWN_FACTS: readonly string[] = [INCOMPLETE, COPIED_FROM];

/** Where a copy is from. */
export interface CopiedFrom {
  readonly from: string;
  /** How many lines the audit log had: every change adds one. */
  readonly events: number;
}

export function readIncomplete(db: Queryable): Promise<string | undefined> {
  return readInstance(db, INCOMPLETE);
}

export async function markIncomplete(trx: Queryable, work: string): Promise<void> {
  await insertInstance(trx, INCOMPLETE, work);
}

export async function markComplete(trx: Queryable): Promise<void> {
  await trx.deleteFrom('instance').where('name', '=', INCOMPLETE).execute();
}

export async function readCopiedFrom(db: Queryable): Promise<CopiedFrom | undefined> {
  const text = await readInstance(db, COPIED_FROM);
  return text === undefined ? undefined : (JSON.parse(text) as CopiedFrom);
}

export async function noteCopiedFrom(trx: Queryable, copied: CopiedFrom): Promise<void> {
  await trx.deleteFrom('instance').where('name', '=', COPIED_FROM).execute();
  await insertInstance(trx, COPIED_FROM, JSON.stringify(copied));
}
