import { type Kysely, Migrator } from 'kysely';
import { PackyardError } from '../model/errors.ts';
import type { ColumnTypes } from './column-types.ts';
import { migrations } from './migrations/index.ts';
import type { Tables } from './tables.ts';

/** Brings the tables up to date. Processes that start together take turns. @throws PackyardError `unavailable` */
export async function migrate(db: Kysely<Tables>, types: ColumnTypes): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations(types) } });
  const { error, results } = await migrator.migrateToLatest();
  if (!error) return;
  if (error instanceof PackyardError) throw error;
  const failed = results?.find((result) => result.status === 'Error')?.migrationName;
  throw new PackyardError(
    'unavailable',
    `the database could not be brought up to date${failed ? ` (${failed})` : ''}`,
    {
      hint: 'a database of a newer Packyard needs that version; otherwise the cause is in the log, or restore a backup',
      cause: error,
    },
  );
}
