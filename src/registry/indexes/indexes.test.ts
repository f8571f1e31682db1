import { expect, test } from 'bun:test';
import { ACTOR, digest, HOUR, plan, text, useIndexes } from '../../../tests/support/use-indexes.ts';
import { collectGarbage } from '../maintenance/gc.ts';
import type { IndexPlan } from './index-plan.ts';

const { clock, store, first, start, put, repository, current, byDigest } = useIndexes();

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
  expect(await first().registry.indexes.current(await repository(), 'two', plan)).toBeUndefined();
});

test('the names of the indices are those that have files or settings', async () => {
  for (const name of ['one', 'one-more', 'one.two', 'one0', 'two']) await put(`${name}/a/x`);
  await first().registry.indexes.updateSettings(await repository(), 'chosen', () => ({ note: 'x' }), ACTOR);
  expect(await first().registry.indexes.names(await repository(), plan)).toEqual(
    ['chosen', 'one', 'one-more', 'one.two', 'one0', 'two'].sort(),
  );
});

test('hundreds of publications with one read at the end build one generation', async () => {
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
  await first().registry.remove(await repository(), await first().registry.files(await repository(), 'y'), ACTOR);
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
    await put(`one/a/p${round}`, round % 2 === 0 ? first() : second);
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
  await first().registry.removePackage(await repository(), 'x', ACTOR);
  expect(await text(await current('one'), 'a.txt')).toBe('at/one/a/y one/a/y\n');
  await first().registry.undelete(await repository(), { package: 'x' }, ACTOR);
  expect(await text(await current('one'), 'a.txt')).toBe('at/one/a/y one/a/y\nat/one/a/x one/a/x\n');
  await first().registry.removePackage(await repository(), 'x', ACTOR);
  await first().registry.removePackage(await repository(), 'y', ACTOR);
  expect(await text(await current('one'), 'a.txt')).toBe('nothing');
});

test('a quarantined package is not listed until it is released', async () => {
  await put('one/a/x');
  await put('one/a/y');
  await current('one');
  await first().registry.setPackageStatus(await repository(), 'x', 'quarantined', 'bad', ACTOR);
  expect(await text(await current('one'), 'a.txt')).toBe('at/one/a/y one/a/y\n');
  expect(await text(await current('one', await start()), 'a.txt')).toBe('at/one/a/y one/a/y\n');
  await first().registry.setPackageStatus(await repository(), 'x', 'active', '', ACTOR);
  expect(await text(await current('one'), 'a.txt')).toContain('one/a/x');
});

test('other settings and other keys make another generation', async () => {
  await put('one/a/x');
  const before = (await current('one')).generation;
  await first().registry.indexes.updateSettings(await repository(), 'one', () => ({ note: 'hello' }), ACTOR);
  const chosen = await current('one');
  expect(chosen.generation.number).toBe(before.number + 1);
  expect(await text(chosen, 'note')).toBe('hello');
  await first().registry.signingKeys.rotate(await repository(), ACTOR, { retireOthers: false });
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
  const added = await first().registry.signingKeys.import(await repository(), { bytes }, ACTOR, {
    retireOthers: false,
  });
  const signers = async () => (await first().registry.signingKeys.signer(await repository())).fingerprints;
  expect(await signers()).toContain(added.fingerprint);
  clock.now += 2 * HOUR;
  expect(await signers()).toHaveLength(1);
  expect(await signers()).not.toContain(added.fingerprint);
  await put('one/a/y');
  expect(await text(await current('one'), 'a.txt')).toContain('one/a/y');
});

test('what expires is sealed again in time', async () => {
  await put('one/a/x');
  await first().registry.indexes.updateSettings(await repository(), 'one', () => ({ short: true }), ACTOR);
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
  const rows = await first().database.read.selectFrom('generations').select('number').execute();
  expect(rows.length).toBeLessThan(5);
});

test('what was deleted goes, also when its rows have been purged before this process heard of it', async () => {
  const other = await start();
  for (const path of ['one/a/x', 'one/a/y', 'two/a/z']) await put(path);
  const old = digest(await current('one'), 'a.txt');
  await other.registry.removePackage(await repository(other), 'x', ACTOR);
  const { database } = other;
  const { garbage } = await collectGarbage({ database, store, now: () => clock.now }, { grace: 0 });
  expect(garbage.memberships.count).toBe(1);
  expect(await text(await current('one'), 'a.txt')).toBe('at/one/a/y one/a/y\n');
  expect(await text(await current('two'), 'a.txt')).toBe('at/two/a/z two/a/z\n');
  expect(await byDigest('one', old)).toContain('one/a/x');
  expect(await byDigest('one', old, await start())).toBeUndefined();
});

test('a reader finishes with what has been quarantined since', async () => {
  await put('one/a/x');
  await put('one/a/y');
  const old = digest(await current('one'), 'a.txt');
  await first().registry.setPackageStatus(await repository(), 'x', 'quarantined', 'bad', ACTOR);
  expect(await text(await current('one'), 'a.txt')).toBe('at/one/a/y one/a/y\n');
  expect(await byDigest('one', old, await start())).toBe('at/one/a/x one/a/x\nat/one/a/y one/a/y\n');
});

test('many old documents at once are each what they were', async () => {
  const old: string[] = [];
  for (let count = 0; count < 8; count++) {
    await put(`one/a/p${count}`);
    old.push(digest(await current('one'), 'a.txt'));
  }
  const other = await start();
  const texts = await Promise.all([...old, ...old].map((sha256) => byDigest('one', sha256, other)));
  expect(texts.map((each) => each?.trim().split('\n').length)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
  ]);
});

test('a digest that no document ever had is answered without rendering anything', async () => {
  await put('one/a/x');
  await current('one');
  let rendered = 0;
  const counting: IndexPlan = {
    ...plan,
    contribution: (file) => {
      rendered += 1;
      return plan.contribution(file);
    },
  };
  expect(await byDigest('one', '0'.repeat(64), await start(), counting)).toBeUndefined();
  expect(rendered).toBe(0);
});

test('the memory for indices is counted with every generation, and what does not fit makes room', async () => {
  const usedBytes = () => first().registry.indexes.usedBytes;
  await put('one/a/x');
  await current('one');
  const small = usedBytes();
  for (let count = 0; count < 5; count++) {
    await put(`one/a/p${count}`);
    await current('one');
  }
  const grown = usedBytes();
  expect(grown).toBeGreaterThan(small);
  const narrow = await start({ memoryBytes: small + 1 });
  await put('two/a/x');
  for (const name of ['one', 'two', 'one']) {
    expect(await text(await current(name, narrow), 'a.txt')).toContain(`${name}/a/x`);
    expect(narrow.registry.indexes.usedBytes).toBeLessThanOrEqual(small + 1);
  }
});

test('an index that is read while others change keeps the generations that clients may still be reading', async () => {
  await put('one/a/x');
  const old = digest(await current('one'), 'a.txt');
  await put('one/a/y');
  await current('one');
  for (let count = 0; count < 30; count++) {
    await put(`two/a/p${count}`);
    await current('one');
  }
  let rendered = 0;
  const counting: IndexPlan = {
    ...plan,
    contribution: (file) => {
      rendered += 1;
      return plan.contribution(file);
    },
  };
  expect(await byDigest('one', old, first(), counting)).toBe('at/one/a/x one/a/x\n');
  expect(rendered).toBe(0);
});
