import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../database/database.ts';
import {
  beatLease,
  deleteLease,
  findLease,
  insertLease,
  type LeaseRow,
  takeLease,
} from '../database/queries/leases.ts';
import { PackyardError } from '../model/errors.ts';

/** Milliseconds without a beat after which a lease belongs to nobody. */
export const LEASE_TTL = 10_000;
const BEAT_INTERVAL = LEASE_TTL / 4;
/** The holder stops believing in its lease before others do. */
const SAFE = LEASE_TTL * 0.7;
const POLL_INTERVAL = 100;

export interface Lease {
  /** To be called before each step that should not be done twice. @throws PackyardError `unavailable` when the lease is lost */
  check(): void;
}

export interface LeaseOptions {
  /** Wait for a living holder to finish; otherwise give up as soon as it is seen to be alive. */
  readonly wait?: boolean;
  /** Asked while waiting: true when there is nothing left to wait for. */
  readonly until?: () => Promise<boolean>;
}

/**
 * Does some work that only one process at a time should do, on whatever machine. No clock is compared: the holder raises a
 * counter, and whoever finds it unchanged for `LEASE_TTL` by its own stop-watch takes the lease over. So a holder that died
 * or froze holds nobody up for longer. One that wakes up again may overlap with its successor for a moment: a lease saves
 * double work, and what the work does must be right without it.
 * @returns undefined when the work was not done because somebody else is doing it
 */
export async function withLease<T>(
  database: Database,
  name: string,
  work: (lease: Lease) => Promise<T>,
  options: LeaseOptions = {},
): Promise<T | undefined> {
  const holder = randomUUID();
  if (!(await acquire(database, name, holder, options))) return undefined;
  const held = new HeldLease(database, name, holder);
  try {
    return await work(held);
  } finally {
    await held.release();
  }
}

async function acquire(database: Database, name: string, holder: string, options: LeaseOptions): Promise<boolean> {
  let seen: LeaseRow | undefined;
  let since = 0;
  for (;;) {
    const current = await findLease(database.read, name);
    if (!current) {
      if (await database.write((trx) => insertLease(trx, name, holder))) return true;
    } else if (seen?.holder !== current.holder || seen.beat !== current.beat) {
      if (seen?.holder === current.holder && !options.wait) return false;
      seen = current;
      since = performance.now();
    } else if (performance.now() - since > LEASE_TTL) {
      const stale = seen;
      if (await database.write((trx) => takeLease(trx, name, stale, holder))) return true;
    }
    if (await options.until?.()) return false;
    await sleep(POLL_INTERVAL);
  }
}

class HeldLease implements Lease {
  readonly #database: Database;
  readonly #name: string;
  readonly #holder: string;
  readonly #timer: Timer;
  #lastBeat = performance.now();
  #lost = false;
  #beating: Promise<void> = Promise.resolve();

  constructor(database: Database, name: string, holder: string) {
    this.#database = database;
    this.#name = name;
    this.#holder = holder;
    this.#timer = setInterval(() => {
      this.#beating = this.#beat();
    }, BEAT_INTERVAL);
  }

  check(): void {
    if (!this.#lost && performance.now() - this.#lastBeat < SAFE) return;
    throw new PackyardError(
      'unavailable',
      `this process was away too long: another one may be doing ${this.#name} now`,
      {
        hint: 'nothing is wrong; run it again later',
        retryAfter: 30,
      },
    );
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    // A lease that cannot be given back now runs out by itself.
    await this.#database.write((trx) => deleteLease(trx, this.#name, this.#holder)).catch(() => {});
  }

  async #beat(): Promise<void> {
    const begun = performance.now();
    try {
      if (await this.#database.write((trx) => beatLease(trx, this.#name, this.#holder))) this.#lastBeat = begun;
      else this.#lost = true;
    } catch {
      // The database is away: the next beat may reach it, and until then `check` counts the time.
    }
  }
}
