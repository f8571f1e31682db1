import type { Config } from '../config/config.ts';
import type { Access } from '../registry/access.ts';
import { createRegistry } from '../registry/create-registry.ts';
import { MemoryObjectStore } from '../storage/memory.ts';
import { openMetadata } from './open-metadata.ts';

/**
 * Opens what tokens need and no more: the storage may be away.
 * @throws PackyardError `unavailable` when the database cannot be opened
 */
export async function openAccess(config: Config): Promise<{ readonly access: Access; close(): Promise<void> }> {
  const database = await openMetadata(config);
  const { access } = createRegistry({ database, store: new MemoryObjectStore() });
  return { access, close: () => database.close() };
}
