import { type Kysely, type MigrationInfo, Migrator } from 'kysely';
import { PackyardError } from '../model/errors.ts';
import type { ColumnTypes } from './column-types.ts';
import { migrations } from './migrations/index.ts';
import { readIncomplete } from './queries/transfer-marks.ts';
import type { Tables } from './tables.ts';

export interface MigrateOptions {
  /** Bring the tables only as far as this migration, for rows of that time; tables that are further stay as they are. */
  readonly upTo?: string;
  /** Leave the tables as they are, even if there are none: only for who looks at them. */
  readonly asIs?: boolean;
  /** Open it also when it is half filled: only for who goes on filling it. */
  readonly evenIncomplete?: boolean;
}

/**
 * Brings the tables up to date. Processes that start together take turns.
 * @throws PackyardError `unavailable`, also for a database that a restore or migration has left half filled
 */
export async function migrate(db: Kysely<Tables>, types: ColumnTypes, options: MigrateOptions = {}): Promise<void> {
  if (options.asIs) return;
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations(types) } });
  const known = await inOrder(() => migrator.getMigrations());
  if (!options.evenIncomplete && known.some(isDone)) await refuseIncomplete(db);
  await inOrder(async () => {
    const { error, results } = await (options.upTo === undefined
      ? migrator.migrateToLatest()
      : isFurther(known, options.upTo)
        ? { error: undefined, results: [] }
        : migrator.migrateTo(options.upTo));
    if (!error) return;
    const failed = results?.find((result) => result.status === 'Error')?.migrationName;
    throw error instanceof PackyardError ? error : notUpToDate(error, failed);
  });
}

function isDone(migration: MigrationInfo): boolean {
  return migration.executedAt !== undefined;
}

function isFurther(known: readonly MigrationInfo[], upTo: string): boolean {
  return known.some((migration) => isDone(migration) && migration.name > upTo);
}

/** A half filled database must neither be served, nor changed by a later version's migrations, nor cleaned up. */
async function refuseIncomplete(db: Kysely<Tables>): Promise<void> {
  const work = await readIncomplete(db);
  if (work === undefined) return;
  throw new PackyardError('unavailable', `this database is half filled: the ${work} was broken off`, {
    hint: 'run the same command again to finish it, or begin anew with an empty database and an empty storage',
  });
}

async function inOrder<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof PackyardError ? error : notUpToDate(error);
  }
}

function notUpToDate(cause: unknown, failed?: string): PackyardError {
  return new PackyardError(
    'unavailable',
    `the database could not be brought up to date${failed === undefined ? '' : ` (${failed})`}`,
    {
      hint: 'a database of a newer Packyard needs that version; otherwise the cause is in the log, or restore a backup',
      cause,
    },
  );
}
