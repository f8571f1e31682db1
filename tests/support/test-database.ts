import { test } from 'bun:test';
import { createDatabase, type DatabaseServerKind, dropDatabase } from './database-server.ts';
import { TempFolder } from './temp-folder.ts';

/** The server on which each test gets a database of its own; without one it is a SQLite file. */
const SERVER = process.env.TEST_DATABASE_URL || undefined;

/** Whether this pass of the tests runs on SQLite. */
export const ON_SQLITE = SERVER === undefined;

/** The database servers that this pass is about; all, where it is about none. */
export const SERVER_KINDS: readonly DatabaseServerKind[] =
  SERVER === undefined ? ['postgres', 'mariadb'] : [SERVER.startsWith('postgres') ? 'postgres' : 'mariadb'];

/** A test about SQLite itself: it belongs to that pass alone. */
export function sqliteTest(sentence: string, body: () => Promise<void>): void {
  if (ON_SQLITE) test(sentence, body);
}

export interface TestDatabase {
  readonly url: string;
  dispose(): Promise<void>;
}

/** An empty database for one test. */
export async function createTestDatabase(): Promise<TestDatabase> {
  if (SERVER !== undefined) return createTestDatabaseOn(SERVER);
  const folder = new TempFolder('database');
  return { url: `sqlite:${folder.join('packyard.sqlite')}`, dispose: async () => folder.dispose() };
}

/** @param server the URL of a database server */
export async function createTestDatabaseOn(server: string): Promise<TestDatabase> {
  const url = await createDatabase(server);
  return { url, dispose: () => dropDatabase(server, url) };
}
