import { deleteTransferRows, insertTransferRows, type TransferRow } from '../../database/queries/transfer.ts';
import { TRANSFER_TABLES, type TransferTable } from '../../database/queries/transfer-tables.ts';
import { continueNumbering } from '../../database/sequences.ts';
import { PackyardError } from '../../model/errors.ts';
import { type RowPage, readPages, summarize, TableDigest, type TableSummary } from './row-pages.ts';
import type { LoadOptions, Target } from './target.ts';

/** Where rows come from. */
export interface RowSource {
  /** In the order in which they can be filled. */
  readonly tables: readonly TransferTable[];
  pages(table: TransferTable): AsyncIterable<RowPage>;
}

/** Digests of all tables. */
export type Summaries = Readonly<Record<string, TableSummary>>;

/** Blobs are no mere rows: `loadBlobs` brings them. */
function isBlobs({ name }: TransferTable): boolean {
  return name === 'blobs';
}

/** Empties everything but the blobs, so that no row of an earlier attempt stays. */
export async function clearRows({ database }: Target, { check }: LoadOptions): Promise<void> {
  for (const table of TRANSFER_TABLES.toReversed().filter((each) => !isBlobs(each))) {
    for (let more = true; more; ) {
      check();
      more = await database.write((trx) => deleteTransferRows(trx, table), { repeatable: true });
      // A driver that answers at once would otherwise never let the lease's timer have a turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** Fills all tables but the blobs; returns what the source has, blobs included. */
export async function loadRows(
  { database }: Target,
  source: RowSource,
  { observer, check }: LoadOptions,
): Promise<Summaries> {
  const summaries: Record<string, TableSummary> = {};
  for (const table of source.tables) {
    const digest = new TableDigest();
    for await (const { rows } of digest.through(source.pages(table))) {
      check();
      if (isBlobs(table)) continue;
      try {
        await database.write((trx) => insertTransferRows(trx, table.name, rows));
      } catch (error) {
        throw unfit(table, rows, database.description, error);
      }
      observer.advance(rows.length);
    }
    summaries[table.name] = digest.finish();
  }
  await database.write((trx) => continueNumbering(trx), { repeatable: true });
  return summaries;
}

/** Says which rows one database holds and another one does not: its text columns may be shorter. */
function unfit(table: TransferTable, rows: readonly TransferRow[], place: string, error: unknown): unknown {
  if (!(error instanceof PackyardError) || error.code !== 'invalid_request') return error;
  const name = (row: TransferRow | undefined): string => table.key.map((column) => row?.[column]).join('/');
  const range = `${name(rows[0])} to ${name(rows.at(-1))}`;
  return new PackyardError('invalid_request', `${place} cannot hold a row of ${table.name} (${range})`, {
    hint: error.message,
    cause: error,
  });
}

/**
 * Reads everything back and compares.
 * @throws PackyardError `digest_mismatch`
 */
export async function checkRows(
  { database }: Target,
  tables: readonly TransferTable[],
  expected: Summaries,
  { observer, check }: LoadOptions,
): Promise<void> {
  for (const table of tables) {
    const found = await summarize(readPages(database.read, table), ({ rows }) => {
      check();
      observer.advance(rows.length);
    });
    const wanted = expected[table.name];
    if (found.sha256 === wanted?.sha256) continue;
    const counts = `${found.rows} rows instead of ${wanted?.rows}`;
    const difference = found.rows === wanted?.rows ? 'rows have changed on the way' : counts;
    throw new PackyardError('digest_mismatch', `${database.description}: ${table.name}: ${difference}`, {
      hint: 'make sure that nobody else uses the new database, then run the same command again',
    });
  }
}
