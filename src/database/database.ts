import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Kysely, Migrator, type Transaction } from 'kysely';
import { PackyardError } from '../model/errors.ts';
import { ChangeStamp } from './change-stamp.ts';
import { migrations } from './migrations/index.ts';
import { openSqlite, sqliteDialect } from './sqlite-driver.ts';
import type { Tables } from './tables.ts';

/** The metadata: reads see every commit, writes are transactions. Dialect differences end here. */
export interface Database {
  /** For reading, outside transactions. */
  readonly read: Kysely<Tables>;
  /** Runs a transaction: all of it or, when `work` throws, nothing. Durable when the promise is fulfilled. */
  write<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T>;
  /**
   * A number that changes with every commit by anyone, cheap enough to ask at each request: what was read under one stamp
   * is still true while the stamp is the same. Undefined where the database has no such thing: then nothing may be kept.
   */
  changeStamp(): number | undefined;
  close(): Promise<void>;
}

/**
 * Opens the database that a URL names (`sqlite:<path>`) and brings its tables up to date.
 * @throws PackyardError `unavailable` when it cannot be opened or was written by a newer version
 */
export async function openDatabase(url: string): Promise<Database> {
  const { path, dispose } = sqlitePath(url);
  const writerHandle = openSqlite(path, 'writer');
  const writer = new Kysely<Tables>({ dialect: sqliteDialect(writerHandle, 'writer') });
  try {
    await migrate(writer);
  } catch (error) {
    await writer.destroy();
    throw error;
  }
  const readerHandle = openSqlite(path, 'reader');
  const read = new Kysely<Tables>({ dialect: sqliteDialect(readerHandle, 'reader') });
  const stamp = new ChangeStamp(readerHandle);
  return {
    read,
    write: async (work) => {
      try {
        return await writer.transaction().execute(work);
      } finally {
        stamp.forget();
      }
    },
    changeStamp: () => stamp.read(),
    close: async () => {
      stamp.close();
      await read.destroy();
      await writer.destroy();
      dispose();
    },
  };
}

/** `:memory:` is a file too, since two connections share it: one that goes away with the process's use of it. */
function sqlitePath(url: string): { path: string; dispose: () => void } {
  const path = url.replace(/^sqlite:/, '');
  if (path === ':memory:') {
    const folder = mkdtempSync(join(tmpdir(), 'packyard-db-'));
    return { path: join(folder, 'packyard.db'), dispose: () => rmSync(folder, { recursive: true, force: true }) };
  }
  mkdirSync(dirname(path), { recursive: true });
  return { path, dispose: () => {} };
}

async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error, results } = await migrator.migrateToLatest();
  if (!error) return;
  const failed = results?.find((result) => result.status === 'Error')?.migrationName;
  throw new PackyardError(
    'unavailable',
    `the database could not be brought up to date${failed ? ` (${failed})` : ''}`,
    {
      hint: 'nothing was changed; a database of a newer Packyard needs that version, or restore a backup',
      cause: error,
    },
  );
}
