import { afterEach, beforeEach } from 'bun:test';
import { type Database, openDatabase } from '../../src/database/database.ts';
import { createRegistry } from '../../src/registry/create-registry.ts';
import type { IndexDocument } from '../../src/registry/indexes/generation.ts';
import type { IndexPlan } from '../../src/registry/indexes/index-plan.ts';
import type { CurrentIndex, IndexesOptions } from '../../src/registry/indexes/indexes.ts';
import type { Repository } from '../../src/registry/model.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { SecretBox } from '../../src/registry/signing/secret-box.ts';
import { MemoryObjectStore } from '../../src/storage/memory.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

const REF = { format: 'generic', name: 'files' };
export const ACTOR = { name: 'tester' };
export const HOUR = 3_600_000;

/** Lists names: files of `<index>/<group>/…`, one document for each group, sealed by a list of digests. */
export const plan: IndexPlan = {
  version: 1,
  pathPrefix: (name) => `at/${name}/`,
  contribution: ({ path, metadata }) => ({
    group: path.split('/')[2] ?? '',
    bytes: Buffer.from(`${path} ${metadata.text}\n`),
  }),
  layout: (_name, groups, settings) => ({
    documents: [...groups].sort().map((group) => ({
      path: group,
      groups: [...new Set(['all', group])],
      forms: { plain: '.txt', gzip: '.txt.gz', zstd: '.txt.zst' },
    })),
    fixed: Object.fromEntries(typeof settings.note === 'string' ? [['note', settings.note]] : []),
  }),
  seal: async ({ documents, madeAt, signer }) => ({
    Root: await signer.clearSign(
      `root\n${documents.map(({ path, sha256 }) => `${path} ${sha256}`).join('\n')}`,
      madeAt,
    ),
  }),
  sealedUntil: (settings, madeAt) => (settings.short === true ? madeAt + HOUR : undefined),
};

/** One of the processes that have the same database and store. */
export interface IndexProcess {
  readonly registry: Registry;
  readonly database: Database;
}

/** A database and a store of its own for every test of a file, with one process on them, and more on demand. */
export function useIndexes() {
  const clock = { now: 0 };
  const store = new MemoryObjectStore();
  let place: TestDatabase | undefined;
  let running: IndexProcess[] = [];

  const start = async (options: Partial<IndexesOptions> = {}): Promise<IndexProcess> => {
    if (!place) throw new Error('there is no database');
    const database = await openDatabase(place.url);
    const { registry } = createRegistry({
      database,
      store,
      now: () => clock.now,
      indexes: { memoryBytes: 1 << 26, keep: HOUR, backgroundDelay: 10, ...options },
      signing: {
        secretBox: async () => new SecretBox('a secret for tests, nothing more than that'),
        algorithm: 'ed25519',
        signs: (format) => format === 'generic',
      },
    });
    const started = { registry, database };
    running.push(started);
    return started;
  };

  beforeEach(async () => {
    clock.now = Date.now();
    place = await createTestDatabase();
    await start();
  });
  afterEach(async () => {
    for (const { registry, database } of running) {
      await registry.indexes.stop();
      await database.close();
    }
    running = [];
    await place?.dispose();
  });

  const first = (): IndexProcess => {
    const [process] = running;
    if (!process) throw new Error('nothing runs');
    return process;
  };
  const repository = async ({ registry } = first()): Promise<Repository> => {
    const found = await registry.repository(REF, { evenEmpty: true });
    if (!found) throw new Error('there is no repository');
    return found;
  };

  return {
    clock,
    store,
    start,
    first,
    repository,

    /** Publishes a file that is called and contains what is said. */
    put: async (path: string, { registry } = first()): Promise<void> => {
      const staged = await registry.stage([Buffer.from(path)]);
      try {
        const item = { package: path.split('/')[2] ?? '', version: '1' };
        const file = { name: 'file', path: `at/${path}`, staged, metadata: { text: path } };
        await registry.publish({ repository: REF, repositoryId: 0, actor: ACTOR, ...item, file });
      } finally {
        await staged.discard();
      }
    },

    current: async (name: string, process = first(), of = plan): Promise<CurrentIndex> => {
      const index = await process.registry.indexes.current(await repository(process), name, of);
      if (!index) throw new Error(`there is no index ${name}`);
      return index;
    },

    byDigest: async (name: string, sha256: string, process = first(), of = plan): Promise<string | undefined> => {
      const document = await process.registry.indexes.withDigest(await repository(process), name, of, sha256);
      return document && textOf(document);
    },
  };
}

export async function text(index: CurrentIndex, path: string): Promise<string> {
  const document = index.documents.get(path);
  return document ? textOf(document) : 'nothing';
}

export function digest(index: CurrentIndex, path: string): string {
  return index.documents.get(path)?.sha256 ?? 'nothing';
}

async function textOf(document: IndexDocument): Promise<string> {
  return new Response(await document.open()).text();
}
