import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { MigrateOptions } from '../database/migrate.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { openObjectStore } from '../storage/open-object-store.ts';
import { openMetadata } from './open-metadata.ts';

/** Database and storage alone. */
export interface BarePlaces {
  readonly database: Database;
  /** The store itself, with all powers of its driver. */
  readonly store: ObjectStore;
  close(): Promise<void>;
}

/**
 * Opens the places that the settings name for work that replaces what is in them.
 * @throws PackyardError when one of them cannot be opened
 */
export async function openBarePlaces(
  config: Pick<Config, 'data' | 'database' | 'storage'>,
  options?: MigrateOptions,
): Promise<BarePlaces> {
  const database = await openMetadata(config, options);
  try {
    const store = await openObjectStore(config.storage, { staging: join(config.data, 'staging') });
    return { database, store, close: () => database.close() };
  } catch (error) {
    await database.close();
    throw error;
  }
}
