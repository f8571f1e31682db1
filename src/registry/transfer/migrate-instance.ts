import { countTransferRows } from '../../database/queries/transfer.ts';
import { type PlacedBlobRow, readBlobs } from '../../database/queries/transfer-blobs.ts';
import { markComplete, markIncomplete, noteCopiedFrom, readCopiedFrom } from '../../database/queries/transfer-marks.ts';
import { TRANSFER_TABLES } from '../../database/queries/transfer-tables.ts';
import type { Queryable } from '../../database/tables.ts';
import { invalid, PackyardError } from '../../model/errors.ts';
import { type StepObserver, UNWATCHED } from '../../model/step-observer.ts';
import { alone } from '../maintenance/alone.ts';
import { checkBelongTogether } from './belong-together.ts';
import { instanceBlobs } from './blob-source.ts';
import { checkBlobs } from './check-blobs.ts';
import type { Damage } from './damage.ts';
import { loadBlobs } from './load-blobs.ts';
import { checkRows, clearRows, loadRows } from './load-rows.ts';
import { copying, staying } from './place-blob.ts';
import { readPages } from './row-pages.ts';
import { begin, isBegun, type LoadOptions, type Target } from './target.ts';

/** Blobs in one page. */
const PAGE = 500;

export interface MigrateInstanceOptions {
  /** Digest all bytes once more where they are then. */
  readonly verify?: boolean;
  readonly observer?: StepObserver;
}

export interface MigrationReport {
  /** Rows of each table. */
  readonly rows: Readonly<Record<string, number>>;
  /** How many there are, and how many of them were not there before, with their bytes. */
  readonly blobs: { readonly count: number; readonly copied: number; readonly copiedBytes: number };
  /** What the old places have lost; everything else is in the new ones. */
  readonly damage: Damage;
  /** Changes that others have made in the old places since the rows were copied. */
  readonly changesSince: number;
}

/**
 * Copies an instance into another database and another storage, while it goes on serving; it is not changed. Broken off at
 * any point, the new places are marked as half filled, so that nobody serves them; the same call again goes on. Called again
 * later, it brings what has changed since, unless somebody has begun to use the new places.
 * @param to its store may be the same as the old one: then bytes stay where they are
 * @throws PackyardError `conflict` (there is something else in the new places), `invalid_request` (they are the old ones)
 */
export async function migrateInstance(
  from: Target,
  to: Target,
  options: MigrateInstanceOptions = {},
): Promise<MigrationReport> {
  const { observer = UNWATCHED } = options;
  if (from.database.description === to.database.description) {
    throw invalid(`${to.database.description} is the database itself`, { hint: 'name another with --to-database' });
  }
  await checkBelongTogether(from.database, from.store);
  observer.begin('wait for other maintenance');
  return alone(
    from.database,
    'the migration',
    (lease) => copy(from, to, { observer, check: () => lease.check() }, options.verify === true),
    { wait: true },
  );
}

async function copy(from: Target, to: Target, options: LoadOptions, verify: boolean): Promise<MigrationReport> {
  const { observer } = options;
  const sameStore = from.store.description === to.store.description;
  const placing = sameStore
    ? staying(from.database, from.store)
    : copying(instanceBlobs(from.database, from.store), to.store);
  await prepare(from, to, sameStore);
  observer.begin('remove the rows of the time before');
  await clearRows(to, options);

  // The bytes take long: they are copied first, so that the one moment that is kept for the rows need not last.
  const blobs = await countTransferRows(from.database.read, 'blobs');
  observer.begin('copy bytes', blobs);
  const early = await loadBlobs(to, blobPages(from.database.read), placing, options);
  const { summaries, late } = await from.database.snapshot(async (trx) => {
    observer.begin('copy the newest bytes', blobs);
    const loaded = await loadBlobs(to, blobPages(trx), placing, options);
    observer.begin('copy rows');
    const source = {
      tables: TRANSFER_TABLES,
      pages: (table: (typeof TRANSFER_TABLES)[number]) => readPages(trx, table),
    };
    return { summaries: await loadRows(to, source, options), late: loaded };
  });
  const rows = Object.fromEntries(Object.entries(summaries).map(([name, summary]) => [name, summary.rows]));
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
  observer.begin('check rows', total);
  await checkRows(to, TRANSFER_TABLES, summaries, options);
  observer.begin('check bytes', rows.blobs);
  const damage = await checkBlobs(to, placing, { ...options, verify });
  observer.end();

  const events = rows.events ?? 0;
  await to.database.write(
    async (trx) => {
      await noteCopiedFrom(trx, { from: from.database.description, events });
      await markComplete(trx);
    },
    { repeatable: true },
  );
  return {
    rows,
    blobs: {
      count: rows.blobs ?? 0,
      copied: early.copied + late.copied,
      copiedBytes: early.bytes + late.bytes,
    },
    damage: await damage.report(to.database.read),
    changesSince: Math.max(0, (await countTransferRows(from.database.read, 'events')) - events),
  };
}

async function* blobPages(db: Queryable): AsyncIterable<readonly PlacedBlobRow[]> {
  for (let after = 0; ; ) {
    const page = await readBlobs(db, after, PAGE);
    const last = page.at(-1);
    if (!last) return;
    yield page;
    after = last.id;
  }
}

/** Marks the target as half filled, if it may be filled: it is empty, half filled by the same work, or an untouched copy. */
async function prepare(from: Target, to: Target, sameStore: boolean): Promise<void> {
  const { description } = from.database;
  const work = `migration from ${description}`;
  if (await isBegun(to, work)) return;
  const copied = await readCopiedFrom(to.database.read);
  if (copied?.from !== description) return begin(to, work, sameStore);
  if ((await countTransferRows(to.database.read, 'events')) !== copied.events) {
    throw new PackyardError('conflict', `${to.database.description} has been used since it was filled`, {
      hint: 'copying once more would undo what was changed there; if that is right, begin with an empty database',
    });
  }
  await to.database.write((trx) => markIncomplete(trx, work), { repeatable: true });
}
