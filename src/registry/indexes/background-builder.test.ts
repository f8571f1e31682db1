import { expect, test } from 'bun:test';
import { HOUR, type IndexProcess, plan, useIndexes } from '../../../tests/support/use-indexes.ts';
import type { IndexPlan } from './index-plan.ts';

const { clock, store, first, start, put, current } = useIndexes();

const extracted: string[] = [];

/** One more document for each group, of what is in its files. */
const withContents: IndexPlan = {
  ...plan,
  background: {
    layout: (groups) => [...groups].sort().map((group) => ({ path: `Contents-${group}`, groups: [group] })),
    extract: async (path) => {
      const bytes = await Bun.file(path).bytes();
      extracted.push(Buffer.from(bytes).toString());
      return bytes;
    },
    build: async function* (parts) {
      for await (const { file, extract } of parts) yield Buffer.from(`${file.path} ${Buffer.from(extract)}\n`);
    },
  },
};

/** A group's document, as soon as it contains a file. */
async function contents(group: string, file: string, process = first()): Promise<string> {
  for (;;) {
    const index = await current('one', process, withContents);
    const body = await index.documents.get(`Contents-${group}.gz`)?.open();
    const text = body && Buffer.from(Bun.gunzipSync(await new Response(body).bytes())).toString();
    if (text?.includes(file)) return text;
    await Bun.sleep(20);
  }
}

async function objects({ database } = first()) {
  return database.read.selectFrom('index_objects').selectAll().orderBy('id').execute();
}

test('what takes longer is made in the background, once, and offered in a generation of its own', async () => {
  extracted.length = 0;
  await put('one/a/x');
  await put('one/a/y');
  const text = 'at/one/a/x one/a/x\nat/one/a/y one/a/y\n';
  expect(await contents('a', 'one/a/y')).toBe(text);
  expect(await contents('a', 'one/a/y', await start())).toBe(text);
  await put('one/b/z');
  expect(await contents('b', 'one/b/z')).toBe('at/one/b/z one/b/z\n');
  expect(extracted.toSorted()).toEqual(['one/a/x', 'one/a/y', 'one/b/z']);
});

test('only what a change concerns is made anew', async () => {
  await put('one/a/x');
  await put('one/b/x');
  await contents('a', 'one/a/x');
  await contents('b', 'one/b/x');
  const before = await objects();
  await put('one/b/y');
  await contents('b', 'one/b/y');
  const after = await objects();
  expect(after.find((row) => row.id === before[0]?.id)).toEqual(before[0] as never);
  expect(after.map((row) => [row.path, row.superseded_at === null])).toEqual([
    ['Contents-a.gz', true],
    ['Contents-b.gz', false],
    ['Contents-b.gz', true],
  ]);
});

test('what was replaced is forgotten with its bytes when nobody can ask for it any more', async () => {
  await put('one/a/x');
  await contents('a', 'one/a/x');
  const [old] = await objects();
  await put('one/a/y');
  await contents('a', 'one/a/y');
  expect(await objects()).toHaveLength(2);
  clock.now += 2 * HOUR;
  await put('one/a/z');
  await contents('a', 'one/a/z');
  const left = await objects();
  expect(left.map((row) => row.id)).not.toContain(old?.id as number);
  expect(left).toHaveLength(2);
  expect(await store.stat(old?.storage_key ?? '')).toBeUndefined();
  for (const row of left) expect(await store.stat(row.storage_key)).toBeDefined();
});

test('publications that never end do not put it off for ever', async () => {
  const patient: IndexProcess = await start({ backgroundDelay: 300 });
  let ready = false;
  for (let count = 0; !ready; count++) {
    await put(`one/a/p${count}`, patient);
    ready = (await current('one', patient, withContents)).documents.has('Contents-a.gz');
  }
  expect(ready).toBe(true);
});
