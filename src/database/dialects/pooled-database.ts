import { setTimeout as sleep } from 'node:timers/promises';
import { type Dialect, type IsolationLevel, Kysely, type Transaction } from 'kysely';
import { PackyardError } from '../../model/errors.ts';
import type { ColumnTypes } from '../column-types.ts';
import type { Database, WriteOptions } from '../database.ts';
import { type MigrateOptions, migrate } from '../migrate.ts';
import type { Tables } from '../tables.ts';
import { SharedQuestion } from './shared-question.ts';
import { ConnectionLost, DatabaseConflict } from './transient-errors.ts';

/** How long a writer tries again when the database is away, in milliseconds. */
const WRITE_PATIENCE = 8_000;
/** How often a transaction that lost against another one begins anew. */
const MAX_CONFLICTS = 20;

export interface PooledDialects {
  readonly description: string;
  /** Short statements of their own. */
  readonly read: Dialect;
  /** Transactions: apart from reads, so that writers who wait for one another leave connections for readers. */
  readonly write: Dialect;
  /** Few and long: may take hours. */
  readonly long: Dialect;
  readonly columns: ColumnTypes;
  readonly snapshotIsolation: IsolationLevel;
  readonly migration: MigrateOptions | undefined;
  /** Asks for a text that is the same only while nobody has committed anything, where there is such a thing. */
  readonly changeStamp?: (db: Kysely<Tables>) => Promise<string>;
}

/** A database of its own process, with a pool of connections for each kind of use. */
export async function openPooledDatabase(dialects: PooledDialects): Promise<Database> {
  const { description, columns, snapshotIsolation, changeStamp } = dialects;
  const write = new Kysely<Tables>({ dialect: dialects.write });
  const read = new Kysely<Tables>({ dialect: dialects.read });
  const long = new Kysely<Tables>({ dialect: dialects.long });
  const close = async (): Promise<void> => {
    await Promise.all([read.destroy(), write.destroy(), long.destroy()]);
  };
  try {
    await migrate(long, columns, dialects.migration);
  } catch (error) {
    await close();
    throw error instanceof ConnectionLost ? unreachable(description, error) : error;
  }
  const stamp = changeStamp && new SharedQuestion(() => changeStamp(read));
  return {
    description,
    shared: true,
    read,
    write: (work, options) => withRetries((attempt) => write.transaction().execute(attempt(work)), options),
    snapshot: (work) =>
      long.transaction().setIsolationLevel(snapshotIsolation).setAccessMode('read only').execute(work),
    changeStamp: () => undefined,
    // Whoever then asks the database properly gets the proper error.
    askChangeStamp: stamp && (() => stamp.ask().catch(() => undefined)),
    close,
  };
}

function unreachable(description: string, error: ConnectionLost): PackyardError {
  return new PackyardError('unavailable', `${description} cannot be reached`, {
    hint: 'is the database server running there, and does it let this machine in?',
    retryAfter: 3,
    cause: error.cause,
  });
}

type Work<T> = (trx: Transaction<Tables>) => Promise<T>;

/** Runs a transaction again where nothing of it was kept: it lost against another one, or its connection broke. */
async function withRetries<T>(
  run: (note: (work: Work<T>) => Work<T>) => Promise<T>,
  { repeatable = false }: WriteOptions = {},
): Promise<T> {
  const giveUp = performance.now() + WRITE_PATIENCE;
  for (let conflicts = 0, pause = 50; ; ) {
    // Once the work is done, what follows is COMMIT: if that is not answered, nobody knows whether it happened.
    let committing = false;
    try {
      return await run((work) => async (trx) => {
        const result = await work(trx);
        committing = true;
        return result;
      });
    } catch (error) {
      if (error instanceof DatabaseConflict && conflicts < MAX_CONFLICTS) {
        conflicts += 1;
        await sleep(Math.random() * 20 * conflicts);
        continue;
      }
      const again = error instanceof ConnectionLost && (!committing || repeatable);
      if (!again || performance.now() > giveUp) throw error;
      await sleep(pause);
      pause = Math.min(pause * 2, 1000);
    }
  }
}
