import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { linksVersions } from '../formats/links-versions.ts';
import { newestVersions } from '../formats/newest-versions.ts';
import { signs } from '../formats/signs.ts';
import type { Access } from '../registry/access.ts';
import { createRegistry } from '../registry/create-registry.ts';
import type { IndexesOptions } from '../registry/indexes/indexes.ts';
import type { Registry } from '../registry/registry.ts';
import type { SecretBox } from '../registry/signing/secret-box.ts';
import { HotObjects } from '../storage/hot-objects.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { openObjectStore } from '../storage/open-object-store.ts';
import { openMetadata } from './open-metadata.ts';
import { signingSecret } from './signing-secret.ts';

/** Memory for small files that are fetched often. */
const HOT_OBJECTS_BYTES = 16 * 1024 * 1024;

/** Where everything is kept, opened, and the domain over it. */
export interface Places {
  readonly database: Database;
  /** The store itself, with all powers of its driver; the registry reads through a memory in front of it. */
  readonly store: ObjectStore;
  readonly registry: Registry;
  readonly access: Access;
  /** What seals and opens with the server's secret. */
  readonly secretBox: () => Promise<SecretBox>;
  close(): Promise<void>;
}

/**
 * Opens database and storage as the settings say and brings the tables up to date. Also while a server runs on them.
 * @throws PackyardError when one of them cannot be opened
 */
export async function openPlaces(
  config: Config,
  options: Pick<IndexesOptions, 'onBackgroundError'> = {},
): Promise<Places> {
  const database = await openMetadata(config);
  try {
    const store = await openObjectStore(config.storage, { staging: join(config.data, 'staging') });
    const secretBox = signingSecret(config);
    const hot = new HotObjects(store, HOT_OBJECTS_BYTES);
    const domain = createRegistry({
      database,
      store: hot,
      documentCacheBytes: config.cache.documentsBytes,
      grace: config.gc.grace,
      keepEmpty: config.repositories.keepEmpty,
      newestVersions,
      linksVersions,
      indexes: { memoryBytes: config.cache.indexesBytes, keep: config.indexes.keep, ...options },
      signing: { secretBox, algorithm: config.signing.algorithm, signs },
    });
    return { database, store, secretBox, ...domain, close: () => database.close() };
  } catch (error) {
    await database.close();
    throw error;
  }
}
