import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely } from 'kysely';
import { PackyardError } from '../../model/errors.ts';
import type { Database } from '../database.ts';
import { type MigrateOptions, migrate } from '../migrate.ts';
import type { Tables } from '../tables.ts';
import { SqliteChangeStamp } from './sqlite-change-stamp.ts';
import { sqliteColumns } from './sqlite-columns.ts';
import { isBusy, LOCK_PATIENCE, openSqlite, sqliteDialect } from './sqlite-driver.ts';

/** One file, one writer: transactions take turns, and a commit by any process is seen by the change stamp. */
export async function openSqliteDatabase(url: string, options?: MigrateOptions): Promise<Database> {
  const { path, dispose } = place(url);
  const writer = new Kysely<Tables>({ dialect: sqliteDialect(openSqlite(path, 'writer'), 'writer') });
  try {
    await migrateInTurn(writer, options);
  } catch (error) {
    await writer.destroy();
    throw error;
  }
  const readerHandle = openSqlite(path, 'reader');
  const read = new Kysely<Tables>({ dialect: sqliteDialect(readerHandle, 'reader') });
  const stamp = new SqliteChangeStamp(readerHandle);
  return {
    description: `sqlite:${path}`,
    shared: false,
    read,
    write: async (work) => {
      try {
        return await writer.transaction().execute(work);
      } finally {
        stamp.forget();
      }
    },
    snapshot: async (work) => {
      const connection = new Kysely<Tables>({ dialect: sqliteDialect(openSqlite(path, 'snapshot'), 'snapshot') });
      try {
        return await connection.transaction().execute(work);
      } finally {
        await connection.destroy();
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

/** The migrator makes its own tables outside transactions, and so without waiting for another process that does the same. */
async function migrateInTurn(writer: Kysely<Tables>, options?: MigrateOptions): Promise<void> {
  const deadline = Date.now() + LOCK_PATIENCE;
  for (;;) {
    try {
      return await migrate(writer, sqliteColumns, options);
    } catch (error) {
      if (!(error instanceof PackyardError && isBusy(error.cause)) || Date.now() > deadline) throw error;
    }
    await sleep(20);
  }
}

/** `:memory:` is a file too, since two connections share it: one that goes away with the process's use of it. */
function place(url: string): { path: string; dispose: () => void } {
  const path = url.replace(/^sqlite:/, '');
  if (path === ':memory:') {
    const folder = mkdtempSync(join(tmpdir(), 'packyard-db-'));
    return { path: join(folder, 'packyard.db'), dispose: () => rmSync(folder, { recursive: true, force: true }) };
  }
  mkdirSync(dirname(path), { recursive: true });
  return { path, dispose: () => {} };
}
