import { describe, expect, test } from 'bun:test';
import { appendFileSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkEverything } from '../../src/registry/maintenance/fsck.ts';
import { collectGarbage } from '../../src/registry/maintenance/gc.ts';
import { ACTOR, DAY, TestPlaces } from './places.ts';

const fsck = (places: TestPlaces, options: Parameters<typeof checkEverything>[1] = {}) =>
  checkEverything(places.context, options);

/** Three files, of which one is deleted, one yanked, and one in two repositories. */
async function filled(): Promise<TestPlaces> {
  const places = await TestPlaces.create();
  const { repository } = await places.put('a/1/f', 'first');
  await places.put('a/2/f', 'second');
  await places.put('a/2/f', 'second', 'other');
  await places.put('a/3/f', 'third');
  await places.registry.yank(repository, { package: 'a', version: '3' }, 'bad', ACTOR);
  await places.remove('a/1/f');
  return places;
}

async function keyOf(places: TestPlaces, text: string): Promise<string> {
  const sha256 = new Bun.CryptoHasher('sha256').update(text).digest('hex');
  const query = places.database.read.selectFrom('blobs').select('storage_key').where('sha256', '=', sha256);
  return (await query.executeTakeFirstOrThrow()).storage_key;
}

test('what is whole is clean, read or only looked up', async () => {
  await using places = await filled();
  for (const quick of [false, true]) {
    const report = await fsck(places, { quick });
    expect(report).toMatchObject({ clean: true, blobs: 3, bytes: 16, faults: [], orphans: { count: 0 } });
  }
});

describe('bytes', () => {
  test('that are missing are reported with everybody who is affected', async () => {
    await using places = await filled();
    await places.store.delete(await keyOf(places, 'second'));
    const report = await fsck(places, { quick: true });
    expect(report.clean).toBe(false);
    expect(report.faults).toMatchObject([
      {
        kind: 'missing',
        affectedCount: 2,
        affected: [
          { repository: 'generic/other', path: 'a/2/f', deleted: false },
          { repository: 'generic/files', path: 'a/2/f', deleted: false },
        ],
        repaired: false,
      },
    ]);
  });

  test('of a deleted file that can be brought back are checked too', async () => {
    await using places = await filled();
    await places.store.delete(await keyOf(places, 'first'));
    const { faults } = await fsck(places);
    expect(faults[0]?.affected).toEqual([{ repository: 'generic/files', path: 'a/1/f', deleted: true }]);
    places.clock.now += DAY;
    await collectGarbage(places.context, { grace: 0 });
    expect((await fsck(places)).clean).toBe(true);
  });

  test('that a package has without a file, as the layers of images are, are checked too', async () => {
    await using places = await filled();
    const { registry } = places;
    const repository = { format: 'oci', name: 'team' };
    const staged = await registry.stage([Buffer.from('layer')]);
    const target = { repository, repositoryId: 0, package: 'team/app', actor: ACTOR };
    const digest = staged.sha256.toString();
    await registry.addBlob(target, digest, staged);
    await staged.discard();
    expect(await fsck(places)).toMatchObject({ clean: true, blobs: 4, bytes: 21 });
    writeFileSync(places.folder.join(await keyOf(places, 'layer')), 'LAYER');
    const { faults } = await fsck(places);
    const affected = [{ repository: 'oci/team', path: `team/app@${digest}`, deleted: false }];
    expect(faults).toMatchObject([{ kind: 'damaged', affected }]);
  });

  test('of another size or content are found; content only by reading', async () => {
    await using places = await filled();
    writeFileSync(places.folder.join(await keyOf(places, 'second')), 'sECOND');
    appendFileSync(places.folder.join(await keyOf(places, 'third')), '!');
    const quick = await fsck(places, { quick: true });
    expect(quick.faults.map((fault) => fault.message)).toEqual([expect.stringContaining('6 bytes instead of 5')]);
    const { faults } = await fsck(places);
    expect(faults.map((fault) => fault.kind)).toEqual(['damaged', 'damaged']);
  });

  test('that are missing come back when the same file is published again', async () => {
    await using places = await filled();
    await places.store.delete(await keyOf(places, 'third'));
    expect((await places.put('a/3/f', 'third')).result).toBe('unchanged');
    expect(await places.read('a/3/f')).toBe('third');
    expect(await fsck(places)).toMatchObject({ clean: true, orphans: { count: 0 } });
  });

  test('are taken from another whole copy in the store by a repair, not from a damaged one', async () => {
    await using places = await filled();
    const staged = await Promise.all(['second', 'third'].map((text) => places.store.stage([Buffer.from(text)])));
    const [copy = '', damagedCopy = ''] = await Promise.all(staged.map((each) => each.commit()));
    writeFileSync(places.folder.join(damagedCopy), 'THIRD');
    await places.store.delete(await keyOf(places, 'second'));
    await places.store.delete(await keyOf(places, 'third'));
    expect((await fsck(places)).faults.every(({ remedy }) => remedy.includes('--repair:'))).toBe(true);
    const report = await fsck(places, { repair: true });
    expect(report.faults.map(({ repaired }) => repaired).sort()).toEqual([false, true]);
    expect(report.clean).toBe(false);
    expect(await keyOf(places, 'second')).toBe(copy);
    expect(await places.read('a/2/f')).toBe('second');
  });

  test('are taken from a backup by a repair, if they are whole there', async () => {
    await using places = await filled();
    const good = places.folder.join(await keyOf(places, 'second'));
    const sha256 = new Bun.CryptoHasher('sha256').update('second').digest('hex');
    const saved = places.folder.join('backup/blobs/sha256', sha256.slice(0, 2), sha256);
    mkdirSync(dirname(saved), { recursive: true });
    copyFileSync(good, saved);
    writeFileSync(good, 'sECOND');
    const backup = places.folder.join('backup');
    writeFileSync(saved, 'seconD');
    expect((await fsck(places, { repair: true, backup })).clean).toBe(false);
    writeFileSync(saved, 'second');
    expect(await fsck(places, { repair: true, backup })).toMatchObject({ clean: true, faults: [{ repaired: true }] });
    expect(await places.read('a/2/f')).toBe('second');
    expect((await fsck(places)).clean).toBe(true);
  });
});

describe('rows', () => {
  test('that count wrongly are counted again by a repair, as a new revision', async () => {
    await using places = await filled();
    const before = await places.repository();
    await places.database.write(async (trx) => {
      await trx
        .updateTable('packages')
        .set({ file_count: 7 })
        .where('repository_id', '=', before?.id ?? 0)
        .execute();
      await trx.updateTable('repositories').set({ file_count: 0 }).where('name', '=', 'other').execute();
    });
    const report = await fsck(places);
    expect(report.faults.map(({ message }) => message)).toEqual([
      'generic/files a has 2 files, but its row says 7',
      'generic/other has 1 files, but its row says 0',
    ]);
    expect((await fsck(places, { repair: true })).clean).toBe(true);
    expect((await fsck(places)).clean).toBe(true);
    const after = await places.repository();
    expect(after).toMatchObject({ fileCount: 2, revision: (before?.revision ?? 0) + 1 });
  });

  test('that do not belong together are damage', async () => {
    await using places = await filled();
    const other = await places.repository('other');
    await places.database.write((trx) =>
      trx
        .updateTable('memberships')
        .set({ added_in: 99 })
        .where('repository_id', '=', other?.id ?? 0)
        .execute(),
    );
    const { faults, clean } = await fsck(places);
    expect(faults).toMatchObject([{ kind: 'reference', affected: [{ repository: 'generic/other', path: 'a/2/f' }] }]);
    expect(clean).toBe(false);
  });

  test('of an alias that points at nothing are a warning, and no damage', async () => {
    await using places = await filled();
    const { repository } = await places.put('a/4/f', 'fourth');
    await places.registry.setAlias(repository, { package: 'a', name: 'latest', target: '4' }, ACTOR);
    await places.remove('a/4/f');
    const { faults, clean } = await fsck(places);
    expect(faults).toMatchObject([{ kind: 'alias', severity: 'warning' }]);
    expect(clean).toBe(true);
  });

  test('of an index document that is lost are forgotten by a repair', async () => {
    await using places = await filled();
    const row = { name: 'index', revision: 1, storage_key: 'blobs-v1/sha256/ab/lost', size: 5, built_at: 1 };
    await places.database.write((trx) => trx.insertInto('documents').values(row).execute());
    expect((await fsck(places)).faults).toMatchObject([{ kind: 'document', repaired: false }]);
    expect((await fsck(places, { repair: true })).clean).toBe(true);
    expect(await fsck(places)).toMatchObject({ documents: 0, faults: [] });
  });
});

test('bytes that no row names are counted', async () => {
  await using places = await filled();
  const staged = await places.store.stage([Buffer.from('orphan')]);
  await staged.commit();
  expect(await fsck(places)).toMatchObject({ clean: true, orphans: { count: 1, bytes: 6 } });
});

test('what is published, deleted and collected during the check is no fault', async () => {
  await using places = await TestPlaces.create();
  for (let index = 0; index < 40; index += 1) await places.put(`a/${index}/f`, `content ${index}`);
  let busy = true;
  const changing = (async () => {
    for (let index = 0; busy; index += 1) {
      await places.remove(`a/${index % 40}/f`);
      await collectGarbage(places.context, { grace: 0 });
      await places.put(`a/${index % 40}/f`, `content ${index % 40}`);
      places.clock.now = Date.now();
    }
  })();
  try {
    for (let round = 0; round < 10; round += 1) expect((await fsck(places)).faults).toEqual([]);
  } finally {
    busy = false;
    await changing;
  }
  expect(await places.read('a/1/f')).toBe('content 1');
}, 60_000);

test('a storage that is gone is a fault of every file, and is said', async () => {
  await using places = await filled();
  rmSync(places.folder.join('blobs-v1'), { recursive: true });
  expect((await fsck(places)).faults).toHaveLength(3);
});
