import { createTestDatabase } from '../../tests/support/test-database.ts';
import { openDatabase } from '../database/database.ts';
import { MemoryObjectStore } from '../storage/memory.ts';
import type { Access } from './access.ts';
import { createRegistry, type RegistryOptions } from './create-registry.ts';
import type { PublishOutcome } from './model.ts';
import type { Registry } from './registry.ts';

export interface TestRegistry {
  readonly registry: Registry;
  readonly access: Access;
  /** The time that the registry sees, in milliseconds. */
  readonly clock: { now: number };
  /** Publishes a text file as `<package>/<version>/<name>`. */
  put(path: string, text: string, repository?: string): Promise<PublishOutcome>;
  dispose(): Promise<void>;
}

/** A whole registry on a real database of its own, for tests. */
export async function createTestRegistry(options: Partial<RegistryOptions> = {}): Promise<TestRegistry> {
  const place = await createTestDatabase();
  const database = await openDatabase(place.url);
  const clock = { now: Date.UTC(2026, 0, 1) };
  const { registry, access } = createRegistry({
    database,
    store: new MemoryObjectStore(),
    now: () => clock.now,
    ...options,
  });
  return {
    registry,
    access,
    clock,
    put: async (path, text, repository = 'files') => {
      const [packageName = '', version = '', name = ''] = path.split('/');
      const staged = await registry.stage([Buffer.from(text)]);
      try {
        return await registry.publish({
          repository: { format: 'generic', name: repository },
          repositoryId: 0,
          actor: { name: 'tester' },
          package: packageName,
          version,
          file: { name, path, staged, metadata: { text } },
        });
      } finally {
        await staged.discard();
      }
    },
    dispose: async () => {
      await database.close();
      await place.dispose();
    },
  };
}
