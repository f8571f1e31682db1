import { createHash } from 'node:crypto';
import { readTransferRows, type TransferRow } from '../../database/queries/transfer.ts';
import type { TransferTable } from '../../database/queries/transfer-tables.ts';
import type { Queryable } from '../../database/tables.ts';
import { encodeRow } from './row-text.ts';

/** Some rows of a table, in the order of its key. */
export interface RowPage {
  readonly rows: readonly TransferRow[];
  /** The same, a line each. */
  readonly text: string;
}

/** How many rows a table has, and the digest of their lines: equal for equal tables in different databases. */
export interface TableSummary {
  readonly rows: number;
  readonly sha256: string;
}

/** What a page should be as text, so that large rows come few at a time and small ones many. */
const PAGE_CHARACTERS = 1 << 20;
const FIRST_ROWS = 50;
const MAX_ROWS = 2_000;

/** Reads a whole table, page by page. */
export async function* readPages(db: Queryable, table: TransferTable): AsyncIterable<RowPage> {
  let limit = FIRST_ROWS;
  for (let after: TransferRow | undefined; ; ) {
    const rows = await readTransferRows(db, table, after, limit);
    if (rows.length === 0) return;
    const text = rows.map((row) => `${encodeRow(row, table.columns)}\n`).join('');
    yield { rows, text };
    if (rows.length < limit) return;
    after = rows.at(-1);
    limit = Math.max(1, Math.min(MAX_ROWS, limit * 2, Math.floor((limit * PAGE_CHARACTERS) / text.length)));
    // A driver that answers at once would otherwise never let timers and sockets have a turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Counts and digests the rows of one table that pass by. */
export class TableDigest {
  readonly #hash = createHash('sha256');
  #rows = 0;

  async *through(pages: AsyncIterable<RowPage>, onPage?: (page: RowPage) => void): AsyncIterable<RowPage> {
    for await (const page of pages) {
      this.#rows += page.rows.length;
      this.#hash.update(page.text);
      onPage?.(page);
      yield page;
    }
  }

  finish(): TableSummary {
    return { rows: this.#rows, sha256: this.#hash.digest('hex') };
  }
}

/** Reads a whole table for its summary alone. */
export async function summarize(
  pages: AsyncIterable<RowPage>,
  onPage?: (page: RowPage) => void,
): Promise<TableSummary> {
  const digest = new TableDigest();
  for await (const _ of digest.through(pages, onPage));
  return digest.finish();
}
