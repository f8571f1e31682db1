import { describe, expect, test } from 'bun:test';
import { utimesSync, writeFileSync } from 'node:fs';
import { collectGarbage, type GcOptions } from '../../src/registry/maintenance/gc.ts';
import type { GarbageItem } from '../../src/registry/maintenance/gc-run.ts';
import { ACTOR, DAY, REF, TestPlaces } from './places.ts';

const GRACE = 7 * DAY;

const gc = (places: TestPlaces, options: Partial<GcOptions> = {}) =>
  collectGarbage(places.context, { grace: GRACE, ...options });

/** Stores bytes without a row, as a crash does between the two. */
async function orphan(places: TestPlaces, text: string, age: number): Promise<string> {
  const staged = await places.store.stage([Buffer.from(text)]);
  const key = await staged.commit();
  const at = new Date(Date.now() - age);
  utimesSync(places.folder.join(key), at, at);
  return key;
}

describe('what was deleted', () => {
  test('stays for the grace period and goes afterwards, with its bytes', async () => {
    await using places = await TestPlaces.create();
    const { file } = await places.put('a/1/f', 'short-lived');
    await places.put('a/2/f', 'kept');
    await places.remove('a/1/f');

    places.clock.now += GRACE - 1000;
    expect((await gc(places)).freedBytes).toBe(0);
    expect(await places.store.stat(file.storageKey)).toEqual({ size: 11 });

    places.clock.now += 2000;
    const report = await gc(places);
    expect(report.freedBytes).toBe(11);
    expect(report.garbage).toMatchObject({
      memberships: { count: 1 },
      versions: { count: 1 },
      packages: { count: 0 },
      files: { count: 1 },
      blobs: { count: 1, bytes: 11 },
    });
    expect(await places.store.stat(file.storageKey)).toBeUndefined();
    expect(await places.read('a/2/f')).toBe('kept');
    expect(await places.counts('memberships', 'files', 'sidecars', 'blobs', 'versions')).toEqual({
      memberships: 1,
      files: 1,
      sidecars: 1,
      blobs: 1,
      versions: 1,
    });
    expect((await gc(places)).garbage.memberships.count).toBe(0);
  });

  test('keeps its bytes while they are in another repository', async () => {
    await using places = await TestPlaces.create();
    await places.put('a/1/f', 'the same');
    await places.put('b/1/g', 'the same', 'other');
    await places.remove('a/1/f');
    expect((await gc(places, { grace: 0 })).garbage).toMatchObject({ files: { count: 1 }, blobs: { count: 0 } });
    expect(await places.read('b/1/g', 'other')).toBe('the same');
  });

  test('a yank leaves history behind, of which the file is still there', async () => {
    await using places = await TestPlaces.create();
    const { repository } = await places.put('a/1/f', 'yanked');
    await places.registry.yank(repository, { package: 'a', version: '1' }, 'bad', ACTOR);
    expect((await gc(places, { grace: 0 })).garbage).toMatchObject({ memberships: { count: 1 }, files: { count: 0 } });
    expect(await places.read('a/1/f')).toBe('yanked');
  });

  test('an empty package goes, one that somebody marked stays marked', async () => {
    await using places = await TestPlaces.create();
    const { repository } = await places.put('plain/1/f', '1');
    await places.put('bad/1/f', '2');
    await places.put('kept/1/f', '3');
    await places.registry.setPackageStatus(repository, 'bad', 'quarantined', 'malware', ACTOR);
    await places.remove('plain/1/f');
    await places.remove('bad/1/f');
    const { garbage } = await gc(places, { grace: 0 });
    expect(garbage).toMatchObject({ versions: { count: 2 }, packages: { count: 1 } });
    await expect(places.put('bad/2/f', '4')).rejects.toMatchObject({ code: 'forbidden' });
    expect((await places.put('plain/1/f', '1 again')).result).toBe('created');
  });

  test('an alias that was moved leaves nothing behind', async () => {
    await using places = await TestPlaces.create();
    const { repository } = await places.put('a/1/f', '1');
    await places.put('a/2/f', '2');
    await places.registry.setAlias(repository, { package: 'a', name: 'latest', target: '1' }, ACTOR);
    await places.registry.setAlias(repository, { package: 'a', name: 'latest', target: '2' }, ACTOR);
    expect((await gc(places, { grace: 0 })).garbage.aliases.count).toBe(1);
    expect(await places.registry.aliases(repository, 'a')).toEqual([{ package: 'a', name: 'latest', target: '2' }]);
  });
});

describe('repositories', () => {
  test('a removed one goes with everything in it after the grace period', async () => {
    await using places = await TestPlaces.create();
    for (let index = 0; index < 600; index += 1) await places.put(`p${index % 7}/${index}/f`, `content ${index}`);
    await places.registry.removeRepository(REF, ACTOR);
    expect((await gc(places)).garbage.repositories.count).toBe(0);
    places.clock.now += GRACE;
    const { garbage } = await gc(places);
    expect(garbage).toMatchObject({ repositories: { count: 1 }, files: { count: 600 }, blobs: { count: 600 } });
    const left = await places.counts(
      'repositories',
      'memberships',
      'versions',
      'packages',
      'revisions',
      'files',
      'blobs',
    );
    expect(Object.values(left).every((count) => count === 0)).toBe(true);
    expect(await places.keys()).toEqual([]);
  }, 60_000);

  test('one that an upload made is forgotten when it has long been empty; one that was created stays', async () => {
    await using places = await TestPlaces.create();
    await places.registry.createRepository({ ...REF, name: 'created' }, {}, ACTOR);
    await places.put('a/1/f', '1');
    await places.remove('a/1/f');
    places.clock.now += GRACE - 1000;
    expect((await gc(places)).garbage.repositories.count).toBe(0);
    places.clock.now += 2000;
    expect((await gc(places)).garbage).toMatchObject({ packages: { count: 1 }, repositories: { count: 1 } });
    expect((await places.registry.repositories()).map(({ ref }) => ref.name)).toEqual(['created']);
    expect(await places.counts('repositories', 'revisions')).toEqual({ repositories: 1, revisions: 0 });
  });
});

describe('bytes without a row', () => {
  test('go after a day, not before, whatever the grace period', async () => {
    await using places = await TestPlaces.create();
    const { file } = await places.put('a/1/f', 'named');
    const young = await orphan(places, 'young', DAY - 60_000);
    const old = await orphan(places, 'old', DAY + 60_000);
    const twin = await orphan(places, 'named', DAY + 60_000);
    const { garbage } = await gc(places, { grace: 0 });
    expect(garbage.objects).toEqual({ count: 2, bytes: 8 });
    expect(await places.keys()).toEqual([file.storageKey, young].sort());
    expect([old, twin]).not.toContain(file.storageKey);
  });

  test('wait for the grace period where it is longer', async () => {
    await using places = await TestPlaces.create();
    await orphan(places, 'two days old', 2 * DAY);
    expect((await gc(places)).garbage.objects.count).toBe(0);
    expect((await gc(places, { grace: DAY })).garbage.objects.count).toBe(1);
  });

  test('are judged by the clock of the store, where it has one: one that is ahead here takes nothing away', async () => {
    await using places = await TestPlaces.create();
    await orphan(places, 'stored by a machine whose clock is 30 days behind', 20 * DAY);
    const store = Object.assign(places.store, { clockDifference: async () => 30 * DAY });
    const context = { ...places.context, store };
    expect((await collectGarbage(context, { grace: 0 })).garbage.objects.count).toBe(0);
    store.clockDifference = async () => 0;
    expect((await collectGarbage(context, { grace: 0 })).garbage.objects.count).toBe(1);
  });

  test('are left alone where they are older than the database or the most of what is there', async () => {
    await using places = await TestPlaces.create();
    await orphan(places, 'of another time', 200 * DAY);
    const report = await gc(places);
    expect(report.garbage.objects.count).toBe(0);
    expect(report.foreign).toEqual({ count: 1, bytes: 15 });
    for (let index = 0; index < 101; index += 1) await orphan(places, `strange ${index}`, 20 * DAY);
    expect((await gc(places)).foreign.count).toBe(102);
    expect((await gc(places, { evenForeign: true })).garbage.objects.count).toBe(102);
    expect(await places.keys()).toEqual([]);
  });

  test('what lies there and is no object of ours stays', async () => {
    await using places = await TestPlaces.create();
    const other = places.folder.join('blobs-v1/readme.txt');
    await places.put('a/1/f', 'x');
    writeFileSync(other, 'mine');
    const long = new Date(Date.now() - 50 * DAY);
    utimesSync(other, long, long);
    expect((await gc(places, { grace: 0 })).garbage.objects.count).toBe(0);
  });
});

test('uploads that do not end go after a day', async () => {
  await using places = await TestPlaces.create();
  const young = await places.store.stage([Buffer.from('under way')]);
  const staged = await places.store.stage([Buffer.from('broken off')]);
  const long = new Date(Date.now() - 2 * DAY);
  utimesSync(staged.path, long, long);
  expect((await gc(places)).garbage.uploads).toEqual({ count: 1, bytes: 10 });
  expect(await Array.fromAsync(places.store.unfinished())).toHaveLength(1);
  await young.discard();
});

test('index documents that nobody has built for a month are dropped', async () => {
  await using places = await TestPlaces.create();
  const key = await orphan(places, 'index', 40 * DAY);
  const row = { name: 'old', revision: 1, storage_key: key, size: 5, built_at: Date.now() - 40 * DAY };
  const recent = await orphan(places, 'index of today', 40 * DAY);
  await places.database.write(async (trx) => {
    await trx.insertInto('documents').values(row).execute();
    await trx
      .insertInto('documents')
      .values({ ...row, name: 'new', storage_key: recent, built_at: Date.now() })
      .execute();
  });
  expect((await gc(places)).garbage).toMatchObject({ documents: { count: 1, bytes: 5 }, objects: { count: 0 } });
  expect(await places.keys()).toEqual([recent]);
});

test('a file that waits for another one keeps its bytes for a day', async () => {
  await using places = await TestPlaces.create();
  const staged = await places.registry.stage([Buffer.from('a part')]);
  await places.registry.keepPending({ repository: REF, repositoryId: 0, actor: ACTOR, name: 'part', staged });
  await staged.discard();
  places.clock.now += DAY / 2;
  expect((await gc(places, { grace: 0 })).garbage).toMatchObject({ pending: { count: 0 }, blobs: { count: 0 } });
  expect(await places.keys()).toHaveLength(1);
  places.clock.now += DAY;
  expect((await gc(places, { grace: 0 })).garbage).toMatchObject({ pending: { count: 1 }, blobs: { count: 1 } });
  expect(await places.keys()).toEqual([]);
});

test('a document of an index goes a week after another one has taken its place', async () => {
  await using places = await TestPlaces.create();
  const { repository } = await places.put('a/1/f', 'first');
  const [old, present] = [await orphan(places, 'old', 40 * DAY), await orphan(places, 'present', 40 * DAY)];
  const digests = { sha256: 'a', size: 3, plain_sha256: 'b', plain_size: 9, basis: 'c' };
  const row = { repository_id: repository.id, name: 'one', path: 'Contents.gz', ...digests };
  const superseded_at = places.clock.now;
  await places.database.write((trx) =>
    trx
      .insertInto('index_objects')
      .values([
        { ...row, storage_key: old, superseded_at },
        { ...row, storage_key: present, superseded_at: null },
      ])
      .execute(),
  );
  places.clock.now += 6 * DAY;
  expect((await gc(places)).garbage).toMatchObject({ indices: { count: 0 }, objects: { count: 0 } });
  places.clock.now += 2 * DAY;
  expect((await gc(places)).garbage).toMatchObject({ indices: { count: 1, bytes: 3 }, objects: { count: 0 } });
  expect(await places.keys()).toContain(present);
  expect(await places.keys()).not.toContain(old);
});

test('a dry run shows what the real run then removes, and changes nothing', async () => {
  await using places = await TestPlaces.create();
  const { repository } = await places.put('a/1/f', 'first');
  await places.put('a/2/f', 'second');
  await places.registry.setAlias(repository, { package: 'a', name: 'latest', target: '1' }, ACTOR);
  await places.registry.removeAlias(repository, 'a', 'latest', ACTOR);
  await places.put('b/1/f', 'third', 'gone');
  await places.registry.removeRepository({ ...REF, name: 'gone' }, ACTOR);
  await places.put('c/1/f', 'fourth', 'emptied');
  await places.remove('c/1/f', 'emptied');
  await places.remove('a/1/f');
  await orphan(places, 'crashed', 20 * DAY);
  places.clock.now += 8 * DAY;
  const tables = ['memberships', 'files', 'blobs', 'versions', 'packages', 'aliases', 'repositories'] as const;
  const before = { counts: await places.counts(...tables), keys: await places.keys() };

  const shown: GarbageItem[] = [];
  const dry = await gc(places, { dryRun: true, onItem: (item) => void shown.push(item) });
  expect({ counts: await places.counts(...tables), keys: await places.keys() }).toEqual(before);
  expect(shown.map(({ kind, name }) => `${kind} ${name}`)).toContain('memberships generic/files a/1/f');

  const removed: GarbageItem[] = [];
  const real = await gc(places, { onItem: (item) => void removed.push(item) });
  expect(real.garbage).toEqual(dry.garbage);
  expect(removed).toEqual(shown);
  expect(real.garbage).toMatchObject({
    memberships: { count: 2 },
    aliases: { count: 1 },
    repositories: { count: 2 },
    blobs: { count: 3, bytes: 16 },
    objects: { count: 1, bytes: 7 },
  });
});

test('work that is broken off is finished by the next run', async () => {
  await using places = await TestPlaces.create();
  for (let index = 0; index < 20; index += 1) await places.put(`a/${index}/f`, `content ${index}`);
  await places.registry.removeRepository(REF, ACTOR);
  places.clock.now += 8 * DAY;
  for (let allowed = 0; ; allowed += 1) {
    let left = allowed;
    const check = (): void => {
      left -= 1;
      if (left < 0) throw new Error('broken off');
    };
    const done = await gc(places, { check }).catch((error: Error) => error.message);
    if (done !== 'broken off') break;
  }
  expect(await places.counts('repositories', 'files', 'blobs')).toEqual({ repositories: 0, files: 0, blobs: 0 });
  expect(await places.keys()).toEqual([]);
});
