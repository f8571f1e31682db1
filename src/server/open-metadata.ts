import { mkdirSync } from 'node:fs';
import type { Config, DatabaseLocation } from '../config/config.ts';
import { type Database, openDatabase } from '../database/database.ts';
import type { MigrateOptions } from '../database/migrate.ts';

/**
 * Opens the database that the settings name and brings its tables up to date.
 * @throws PackyardError `unavailable` when it cannot be opened
 */
export async function openMetadata(
  config: Pick<Config, 'data' | 'database' | 'storage'>,
  options?: MigrateOptions,
): Promise<Database> {
  // What is stored is for this user and its group, also where SQLite makes the file.
  process.umask(0o027);
  if (needsFolder(config)) mkdirSync(config.data, { recursive: true, mode: 0o750 });
  return openDatabase(databaseUrl(config.database), options);
}

function needsFolder(config: Pick<Config, 'database' | 'storage'>): boolean {
  return (config.database.kind === 'sqlite' && config.database.path !== ':memory:') || config.storage.kind !== 'memory';
}

function databaseUrl(location: DatabaseLocation): string {
  return location.kind === 'sqlite' ? `sqlite:${location.path}` : location.url;
}
