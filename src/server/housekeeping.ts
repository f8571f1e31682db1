import type { Database } from '../database/database.ts';
import { readInstance, replaceInstance } from '../database/queries/instance.ts';
import { withLease } from '../registry/lease.ts';
import { MAINTENANCE_LEASE } from '../registry/maintenance/alone.ts';
import type { Logger } from '../telemetry/logger.ts';
import { CHORES, type Chore, type ChoreContext } from './chores.ts';

/** When it was done last, by whichever server. */
const FACT = 'housekeeping';
/** Milliseconds. */
const LOOK_EVERY = 60 * 60 * 1000;
const FIRST_AFTER = 60 * 1000;
const FIRST_WITHIN = 10 * 60 * 1000;

export interface Housekeeping {
  /** Ends what is under way between two steps. */
  stop(): Promise<void>;
}

/**
 * Does the chores every `gc.every`, one server for all that share a database. The first time is a while after the start, by
 * chance, so that servers that start together do not all look at once.
 */
export function startHousekeeping(context: ChoreContext): Housekeeping {
  const { every } = context.config.gc;
  if (every === 'off') return { stop: async () => {} };
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const check = (): void => {
    if (stopped) throw new Stopped();
  };
  const look = (): void => {
    running = doChores(context, every, check)
      .catch((err: unknown) => {
        if (!(err instanceof Stopped)) context.logger.warn({ err }, 'housekeeping failed');
      })
      .finally(() => {
        if (!stopped) timer = setTimeout(look, Math.min(every, LOOK_EVERY));
      });
  };
  let timer = setTimeout(look, Math.min(every, FIRST_AFTER + Math.random() * (FIRST_WITHIN - FIRST_AFTER)));
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** Thrown: the server ends. */
class Stopped extends Error {}

async function doChores(context: ChoreContext, every: number, check: () => void): Promise<void> {
  const { database, logger } = context;
  if (!(await isDue(database, every))) return;
  const work = async (checkLease: () => void): Promise<void> => {
    // Another server may have done it while this one waited for its turn.
    if (!(await isDue(database, every))) return;
    const checkBoth = (): void => {
      check();
      checkLease();
    };
    for (const chore of CHORES) await doChore(chore, context, checkBoth, logger);
    await database.write((trx) => replaceInstance(trx, FACT, String(Date.now())), { repeatable: true });
  };
  const until = async (): Promise<boolean> => {
    check();
    return false;
  };
  await withLease(database, MAINTENANCE_LEASE, (lease) => work(() => lease.check()), { until });
}

/** One that fails does not keep the others from being done. */
async function doChore(chore: Chore, context: ChoreContext, check: () => void, logger: Logger): Promise<void> {
  check();
  try {
    const done = await chore.run(context, check);
    logger.info({ chore: chore.name, ...done }, 'housekeeping');
  } catch (err) {
    check();
    logger.warn({ err, chore: chore.name }, 'housekeeping failed');
  }
}

/** A clock that was set back may make it happen too often; that costs nothing but time. */
async function isDue(database: Database, every: number): Promise<boolean> {
  const last = Number(await readInstance(database.read, FACT));
  const since = Date.now() - last;
  // A little before its time rather than an hour late.
  return Number.isNaN(since) || since < 0 || since >= every * 0.95;
}
