import { setTimeout as sleep } from 'node:timers/promises';
import { inBatches } from '../../database/in-batches.ts';
import { type IdWindow, idWindows } from '../../database/queries/maintenance-windows.ts';
import type { Queryable } from '../../database/tables.ts';
import type { StepObserver } from '../../model/step-observer.ts';
import type { MaintenanceContext } from './context.ts';

/** What garbage is made of. */
export const GARBAGE_KINDS = [
  'memberships',
  'aliases',
  'repositories',
  'layers',
  'versions',
  'packages',
  'files',
  'pending',
  'sessions',
  'blobs',
  'documents',
  'indices',
  'objects',
  'uploads',
] as const;
export type GarbageKind = (typeof GARBAGE_KINDS)[number];

export interface GarbageItem {
  readonly kind: GarbageKind;
  readonly name: string;
  /** Bytes in the store, where it has some of its own. */
  readonly size?: number;
}

export interface Amount {
  count: number;
  bytes: number;
}

export interface GcRunOptions {
  readonly before: number;
  readonly abandonedAfter: number;
  readonly dryRun: boolean;
  readonly evenForeign: boolean;
  readonly observer: StepObserver;
  readonly check: () => void;
  readonly onItem?: (item: GarbageItem) => void;
}

/** One collection of garbage under way: what is to go, and what has gone. */
export class GcRun {
  readonly context: MaintenanceContext;
  /** What ended at this time or earlier is garbage; milliseconds since 1970. */
  readonly before: number;
  /** Milliseconds after which bytes that no row names, and uploads that do not end, are garbage. */
  readonly abandonedAfter: number;
  readonly dryRun: boolean;
  /** Delete objects also where they look like somebody else's. */
  readonly evenForeign: boolean;
  readonly amounts: Readonly<Record<GarbageKind, Amount>>;
  /** Objects that were left alone because they look like another instance's. */
  readonly foreign: Amount = { count: 0, bytes: 0 };
  readonly #options: GcRunOptions;

  constructor(context: MaintenanceContext, options: GcRunOptions) {
    this.context = context;
    this.before = options.before;
    this.abandonedAfter = options.abandonedAfter;
    this.dryRun = options.dryRun;
    this.evenForeign = options.evenForeign;
    this.#options = options;
    const none = GARBAGE_KINDS.map((kind) => [kind, { count: 0, bytes: 0 }]);
    this.amounts = Object.fromEntries(none) as Record<GarbageKind, Amount>;
  }

  get read(): Queryable {
    return this.context.database.read;
  }

  /** To be called before each deletion, and where the work takes long. @throws whatever ends the work: a lost lease, a server that stops */
  check(): void {
    this.#options.check();
  }

  /** Walks through a table, where somebody may end the work between any two windows. */
  async *windows(table: Parameters<typeof idWindows>[1]): AsyncIterable<IdWindow> {
    for await (const window of idWindows(this.read, table)) {
      this.check();
      yield window;
    }
  }

  async step(name: string, work: () => Promise<void>): Promise<void> {
    this.#options.observer.begin(name);
    await work();
    this.#options.observer.end();
  }

  /** Counts what has gone, or would go. */
  note(kind: GarbageKind, count: number, bytes = 0): void {
    this.amounts[kind].count += count;
    this.amounts[kind].bytes += bytes;
    this.#options.observer.advance(count, bytes);
  }

  /** Names one thing that goes. */
  name(item: GarbageItem): void {
    this.#options.onItem?.(item);
  }

  /**
   * Names these rows and deletes them in short transactions, or only counts them in a dry run. `purge` says how many of the
   * ids it deleted.
   */
  async purge<Row extends { readonly id: number }>(
    kind: GarbageKind,
    rows: readonly Row[],
    nameOf: (row: Row) => string,
    purge: (trx: Queryable, ids: readonly number[]) => Promise<number>,
  ): Promise<void> {
    for (const row of rows) this.name({ kind, name: nameOf(row) });
    if (this.dryRun) {
      if (rows.length > 0) this.note(kind, rows.length);
      return;
    }
    for (const ids of inBatches(rows.map((row) => row.id))) {
      this.check();
      this.note(kind, await this.write((trx) => purge(trx, ids)));
    }
  }

  /** A transaction that may run again: what it deleted stays deleted. Then others have their turn. */
  async write<T>(work: (trx: Queryable) => Promise<T>): Promise<T> {
    const result = await this.context.database.write(work, { repeatable: true });
    await sleep(1);
    return result;
  }
}
