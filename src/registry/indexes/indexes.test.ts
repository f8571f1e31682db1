import { afterEach, beforeEach, expect, test } from 'bun:test';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/test-database.ts';
import { type Database, openDatabase } from '../../database/database.ts';
import { MemoryObjectStore } from '../../storage/memory.ts';
import { createRegistry } from '../create-registry.ts';
import type { Repository } from '../model.ts';
import type { Registry } from '../registry.ts';
import { SecretBox } from '../signing/secret-box.ts';
import type { IndexPlan } from './index-plan.ts';
import type { CurrentIndex } from './indexes.ts';

const REF = { format: 'generic', name: 'files' };
const ACTOR = { name: 'tester' };
const HOUR = 3_600_000;

/** Lists names: files of `<index>/<group>/…`, one document for each group, sealed by a list of digests. */
const plan: IndexPlan = {
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

interface Process {
  readonly registry: Registry;
  readonly database: Database;
}

const clock = { now: 0 };
let place: TestDatabase;
const store = new MemoryObjectStore();
let running: Process[] = [];
let first: Process;

beforeEach(async () => {
  clock.now = Date.now();
  place = await createTestDatabase();
  running = [];
  first = await start();
});
afterEach(async () => {
  for (const { database } of running) await database.close();
  await place.dispose();
});

/** One more process on the same database. */
async function start(): Promise<Process> {
  const database = await openDatabase(place.url);
  const { registry } = createRegistry({
    database,
    store,
    now: () => clock.now,
    indexes: { memoryBytes: 1 << 26, keep: HOUR, backgroundDelay: 10 },
    signing: {
      secretBox: async () => new SecretBox('a secret for tests, nothing more than that'),
      algorithm: 'ed25519',
      signs: (format) => format === 'generic',
    },
  });
  const started = { registry, database };
  running.push(started);
  return started;
}

async function put(path: string, { registry } = first): Promise<void> {
  const staged = await registry.stage([Buffer.from(path)]);
  try {
    const item = { package: path.split('/')[2] ?? '', version: '1' };
    const file = { name: 'file', path: `at/${path}`, staged, metadata: { text: path } };
    await registry.publish({ repository: REF, repositoryId: 0, actor: ACTOR, ...item, file });
  } finally {
    await staged.discard();
  }
}

async function repository({ registry } = first): Promise<Repository> {
  const found = await registry.repository(REF, { evenEmpty: true });
  if (!found) throw new Error('there is no repository');
  return found;
}

async function current(name: string, process = first): Promise<CurrentIndex> {
  const index = await process.registry.indexes.current(await repository(process), name, plan);
  if (!index) throw new Error(`there is no index ${name}`);
  return index;
}

async function text(index: CurrentIndex, path: string): Promise<string> {
  const body = await index.documents.get(path)?.open();
  return body === undefined ? 'nothing' : new Response(body).text();
}

async function byDigest(name: string, sha256: string, process = first): Promise<string | undefined> {
  const document = await process.registry.indexes.withDigest(await repository(process), name, plan, sha256);
  return document && new Response(await document.open()).text();
}

function digest(index: CurrentIndex, path: string): string {
  return index.documents.get(path)?.sha256 ?? 'nothing';
}

test('whoever reads after a publication sees it, in the order of arrival', async () => {
  await put('one/a/x');
  expect(await text(await current('one'), 'a.txt')).toBe('at/one/a/x one/a/x\n');
  await put('one/a/b');
  expect(await text(await current('one'), 'a.txt')).toBe('at/one/a/x one/a/x\nat/one/a/b one/a/b\n');
});

test('what belongs to all groups is in every document, also in one that comes later', async () => {
  await put('one/all/x');
  await put('one/a/y');
  await current('one');
  await put('one/b/z');
  const index = await current('one');
  expect(await text(index, 'a.txt')).toBe('at/one/all/x one/all/x\nat/one/a/y one/a/y\n');
  expect(await text(index, 'b.txt')).toBe('at/one/all/x one/all/x\nat/one/b/z one/b/z\n');
});

test('an index that nobody has published in is none', async () => {
  await put('one/a/x');
  expect(await first.registry.indexes.current(await repository(), 'two', plan)).toBeUndefined();
});

test('the names of the indices are those that have files or settings', async () => {
  for (const name of ['one', 'one-more', 'one.two', 'one0', 'two']) await put(`${name}/a/x`);
  await first.registry.indexes.updateSettings(await repository(), 'chosen', () => ({ note: 'x' }), ACTOR);
  expect(await first.registry.indexes.names(await repository(), plan)).toEqual(
    ['chosen', 'one', 'one-more', 'one.two', 'one0', 'two'].sort(),
  );
});

test('a thousand publications with one read at the end build one generation', async () => {
  for (let count = 0; count < 300; count++) await put(`one/a/p${count}`);
  const index = await current('one');
  expect((await text(index, 'a.txt')).split('\n').length).toBe(301);
  expect(index.generation.number).toBe(1);
});

test('a change elsewhere in the repository leaves the generation as it is', async () => {
  await put('one/a/x');
  const before = (await current('one')).generation;
  await put('two/a/x');
  expect((await current('one')).generation.number).toBe(before.number);
});

test('a reader finishes with the generation that it began with, while others publish', async () => {
  await put('one/a/x');
  const begun = await current('one');
  const old = digest(begun, 'a.txt');
  for (let count = 0; count < 30; count++) {
    await put(`one/a/p${count}`);
    await current('one');
  }
  expect(await byDigest('one', old)).toBe('at/one/a/x one/a/x\n');
});

test('also with another process, and after a restart', async () => {
  await put('one/a/x');
  await put('one/a/y');
  await first.registry.remove(await repository(), await first.registry.files(await repository(), 'y'), ACTOR);
  const old = digest(await current('one'), 'a.txt');
  await put('one/a/z');
  const newer = digest(await current('one'), 'a.txt');
  const other = await start();
  expect(await byDigest('one', newer, other)).toContain('one/a/z');
  expect(await byDigest('one', old, other)).toBe('at/one/a/x one/a/x\n');
  expect(await byDigest('one', '0'.repeat(64), other)).toBeUndefined();
});

test('processes agree: the same numbers, the same bytes, one generation for all who ask at once', async () => {
  const second = await start();
  for (let round = 0; round < 10; round++) {
    await put(`one/a/p${round}`, round % 2 === 0 ? first : second);
    const [a, b, c] = await Promise.all([current('one'), current('one', second), current('one')]);
    expect([a.generation.number, b.generation.number, c.generation.number]).toEqual([round + 1, round + 1, round + 1]);
    expect(a.generation.root.sealed).toEqual(b.generation.root.sealed);
    expect(digest(a, 'a.txt.gz')).toBe(digest(b, 'a.txt.gz'));
  }
});

test('what is deleted goes, and comes back with the undo', async () => {
  await put('one/a/x');
  await put('one/a/y');
  await current('one');
  await first.registry.removePackage(await repository(), 'x', ACTOR);
  expect(await text(await current('one'), 'a.txt')).toBe('at/one/a/y one/a/y\n');
  await first.registry.undelete(await repository(), { package: 'x' }, ACTOR);
  expect(await text(await current('one'), 'a.txt')).toBe('at/one/a/y one/a/y\nat/one/a/x one/a/x\n');
  await first.registry.removePackage(await repository(), 'x', ACTOR);
  await first.registry.removePackage(await repository(), 'y', ACTOR);
  expect(await text(await current('one'), 'a.txt')).toBe('nothing');
});

test('a quarantined package is not listed until it is released', async () => {
  await put('one/a/x');
  await put('one/a/y');
  await current('one');
  await first.registry.setPackageStatus(await repository(), 'x', 'quarantined', 'bad', ACTOR);
  expect(await text(await current('one'), 'a.txt')).toBe('at/one/a/y one/a/y\n');
  expect(await text(await current('one', await start()), 'a.txt')).toBe('at/one/a/y one/a/y\n');
  await first.registry.setPackageStatus(await repository(), 'x', 'active', '', ACTOR);
  expect(await text(await current('one'), 'a.txt')).toContain('one/a/x');
});

test('other settings and other keys make another generation', async () => {
  await put('one/a/x');
  const before = (await current('one')).generation;
  await first.registry.indexes.updateSettings(await repository(), 'one', () => ({ note: 'hello' }), ACTOR);
  const chosen = await current('one');
  expect(chosen.generation.number).toBe(before.number + 1);
  expect(await text(chosen, 'note')).toBe('hello');
  await first.registry.signingKeys.rotate(await repository(), ACTOR, { retireOthers: false });
  const rotated = (await current('one')).generation;
  expect(rotated.number).toBe(before.number + 2);
  expect(rotated.root.sealed.Root).not.toBe(chosen.generation.root.sealed.Root);
});

test('a key that has expired signs no longer, and the others go on', async () => {
  await put('one/a/x');
  const { generateKey } = await import('openpgp');
  const { privateKey: key } = await generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [{ name: 'short' }],
    date: new Date(clock.now - 1000),
    keyExpirationTime: 3600,
    format: 'armored',
  });
  const bytes = Buffer.from(key);
  const added = await first.registry.signingKeys.import(await repository(), { bytes }, ACTOR, { retireOthers: false });
  const signers = async () => (await first.registry.signingKeys.signer(await repository())).fingerprints;
  expect(await signers()).toContain(added.fingerprint);
  clock.now += 2 * HOUR;
  expect(await signers()).toHaveLength(1);
  expect(await signers()).not.toContain(added.fingerprint);
  await put('one/a/y');
  expect(await text(await current('one'), 'a.txt')).toContain('one/a/y');
});

test('what expires is sealed again in time', async () => {
  await put('one/a/x');
  await first.registry.indexes.updateSettings(await repository(), 'one', () => ({ short: true }), ACTOR);
  const before = (await current('one')).generation;
  clock.now += HOUR / 2;
  expect((await current('one')).generation.number).toBe(before.number);
  clock.now += HOUR;
  expect((await current('one')).generation.number).toBe(before.number + 1);
});

test('a clock that was set back makes no generation older than the one before', async () => {
  await put('one/a/x');
  const before = (await current('one')).generation;
  clock.now -= 5 * HOUR;
  await put('one/a/y');
  const after = (await current('one')).generation;
  expect(after.madeAt).toBe(before.madeAt);
  expect(after.root.stamp).toBeGreaterThan(before.root.stamp);
});

test('what takes longer is made in the background, once, and offered in a generation of its own', async () => {
  let extracted = 0;
  const withContents: IndexPlan = {
    ...plan,
    background: {
      layout: (groups) => [...groups].sort().map((group) => ({ path: `Contents-${group}`, groups: [group] })),
      extract: async (path) => {
        extracted += 1;
        return Bun.file(path).bytes();
      },
      build: async function* (parts) {
        for await (const { file, extract } of parts) yield Buffer.from(`${file.path} ${Buffer.from(extract)}\n`);
      },
    },
  };
  const contents = async (process = first): Promise<string> => {
    for (;;) {
      const index = await process.registry.indexes.current(await repository(process), 'one', withContents);
      const body = await index?.documents.get('Contents-a.gz')?.open();
      const text = body && Buffer.from(Bun.gunzipSync(await new Response(body).bytes())).toString();
      if (text?.includes('one/a/y')) return text;
      await Bun.sleep(20);
    }
  };
  await put('one/a/x');
  await put('one/a/y');
  const text = 'at/one/a/x one/a/x\nat/one/a/y one/a/y\n';
  expect(await contents()).toBe(text);
  expect(await contents(await start())).toBe(text);
  await put('one/b/z');
  await first.registry.indexes.current(await repository(), 'one', withContents);
  await Bun.sleep(200);
  await first.registry.indexes.stop();
  expect(extracted).toBe(3);
  const rows = await first.database.read.selectFrom('index_objects').selectAll().execute();
  expect(
    rows
      .filter((row) => row.superseded_at === null)
      .map((row) => row.path)
      .sort(),
  ).toEqual(['Contents-a.gz', 'Contents-b.gz']);
});

test('old generations are forgotten after a while, but not the documents that are still the same', async () => {
  await put('one/a/x');
  await put('one/b/x');
  const old = await current('one');
  for (let hour = 0; hour < 4; hour++) {
    clock.now += HOUR;
    await put(`one/a/p${hour}`);
    await current('one');
  }
  const other = await start();
  expect(await byDigest('one', digest(old, 'a.txt'), other)).toBeUndefined();
  expect(await byDigest('one', digest(old, 'b.txt'), other)).toContain('one/b/x');
  const rows = await first.database.read.selectFrom('generations').select('number').execute();
  expect(rows.length).toBeLessThan(5);
});
