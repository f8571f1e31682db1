import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import { migrate } from '../migrate.ts';
import type { Tables } from '../tables.ts';
import { SqliteChangeStamp } from './sqlite-change-stamp.ts';
import { sqliteColumns } from './sqlite-columns.ts';
import { openSqlite, sqliteDialect } from './sqlite-driver.ts';

/** One file, one writer: transactions take turns, and a commit by any process is seen by the change stamp. */
export async function openSqliteDatabase(url: string): Promise<Database> {
  const { path, dispose } = place(url);
  const writer = new Kysely<Tables>({ dialect: sqliteDialect(openSqlite(path, 'writer'), 'writer') });
  try {
    await migrate(writer, sqliteColumns);
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
