import type { Queryable } from '../tables.ts';

/** Rows looked at in one query: so few that nobody who shares the connection has to wait noticeably. */
const WINDOW = 2_000;

/** Tables that long work walks through. */
type Numbered =
  | 'memberships'
  | 'aliases'
  | 'versions'
  | 'packages'
  | 'repositories'
  | 'files'
  | 'package_blobs'
  | 'blobs';

/** Ids from `first` to `last`. */
export interface IdWindow {
  readonly first: number;
  readonly last: number;
}

/**
 * Walks through a table in windows of ids, up to the highest at the beginning. However large the table and however few rows
 * are found, no query takes long; between two windows others have their turn.
 */
export async function* idWindows(db: Queryable, table: Numbered): AsyncIterable<IdWindow> {
  const { lowest, highest } = await db
    .selectFrom(table as 'memberships')
    .select(({ fn }) => [fn.min('id').as('lowest'), fn.max('id').as('highest')])
    .executeTakeFirstOrThrow();
  if (lowest === null || highest === null) return;
  for (let first = Number(lowest); first <= Number(highest); first += WINDOW) {
    yield { first, last: Math.min(first + WINDOW - 1, Number(highest)) };
    // A driver that answers at once would otherwise never let timers and sockets have a turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** How many rows a table has. */
export async function countRows(db: Queryable, table: Numbered): Promise<number> {
  const { count } = await db
    .selectFrom(table as 'memberships')
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}
