import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Repository } from './model.ts';
import { createTestRegistry, type TestRegistry } from './testing.ts';

const ref = { format: 'generic', name: 'files' };
const actor = { name: 'tester', requestId: 'request-1', address: '192.0.2.1' };

let t: TestRegistry;
beforeEach(async () => {
  t = await createTestRegistry();
});
afterEach(() => t.dispose());

async function repository(): Promise<Repository> {
  const found = await t.registry.repository(ref);
  if (!found) throw new Error('the repository is not there');
  return found;
}

describe('publishing', () => {
  test('creates the repository, and the file can be read at once', async () => {
    expect(await t.registry.repository(ref)).toBeUndefined();
    const { result, file } = await t.put('tool/1.0/tool.txt', 'hello');
    expect(result).toBe('created');
    expect((await repository()).revision).toBe(1);
    const found = await t.registry.fileAt(await repository(), 'tool/1.0/tool.txt');
    expect(found?.sha256.hex).toBe(file.sha256.hex);
    expect(found?.metadata).toEqual({ text: 'hello' });
    expect(found?.publishedAt).toBe(t.clock.now);
    expect(await new Response((await t.registry.openFile(file)) as Blob).text()).toBe('hello');
  });

  test('the same bytes again changes nothing', async () => {
    await t.put('tool/1.0/tool.txt', 'hello');
    expect((await t.put('tool/1.0/tool.txt', 'hello')).result).toBe('unchanged');
    expect((await repository()).revision).toBe(1);
  });

  test('other bytes under a published name are refused', async () => {
    await t.put('tool/1.0/tool.txt', 'hello');
    await expect(t.put('tool/1.0/tool.txt', 'other')).rejects.toMatchObject({ code: 'conflict' });
    const file = await t.registry.fileAt(await repository(), 'tool/1.0/tool.txt');
    expect(file?.metadata).toEqual({ text: 'hello' });
  });

  test('other bytes replace where the repository allows it', async () => {
    await t.registry.createRepository(ref, { writePolicy: 'overwrite' }, actor);
    await t.put('tool/1.0/tool.txt', 'hello');
    expect((await t.put('tool/1.0/tool.txt', 'other')).result).toBe('replaced');
    const files = await t.registry.files(await repository(), 'tool');
    expect(files.map((file) => file.metadata)).toEqual([{ text: 'other' }]);
    expect((await repository()).revision).toBe(2);
  });

  test('of one name by many at once: one wins, the others are told', async () => {
    const attempts = Array.from({ length: 8 }, (_, index) => t.put('tool/1.0/tool.txt', `bytes ${index}`));
    const settled = await Promise.allSettled(attempts);
    expect(settled.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
    for (const attempt of settled) if (attempt.status === 'rejected') expect(attempt.reason.code).toBe('conflict');
    expect(await t.registry.files(await repository(), 'tool')).toHaveLength(1);
  });

  test('of many files at once numbers the revisions without a gap', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => t.put(`tool/1.${index}/tool.txt`, `bytes ${index}`)));
    const numbers = (await t.registry.revisions(await repository(), 100)).map((revision) => revision.number);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => 20 - index));
  });
});

describe('removing', () => {
  test('takes the file out of view, and an empty package out of the list', async () => {
    const { file } = await t.put('tool/1.0/tool.txt', 'hello');
    await t.put('other/1.0/other.txt', 'stays');
    expect(await t.registry.remove(await repository(), [file], actor)).toBe(1);
    expect(await t.registry.fileAt(await repository(), file.path)).toBeUndefined();
    expect((await t.registry.packages(await repository(), { limit: 10 })).map(({ name }) => name)).toEqual(['other']);
    expect(await t.registry.packageNames(await repository())).toEqual(['other']);
    expect(await t.registry.package(await repository(), 'tool')).toBeUndefined();
  });

  test('what is gone already is no change', async () => {
    const { file } = await t.put('tool/1.0/tool.txt', 'hello');
    const known = await repository();
    await t.registry.remove(known, [file], actor);
    expect(await t.registry.remove(known, [file], actor)).toBe(0);
    await t.put('tool/1.0/tool.txt', 'hello');
    expect((await repository()).revision).toBe(3);
  });

  test('frees the name: it can be published again', async () => {
    const { file } = await t.put('tool/1.0/tool.txt', 'hello');
    await t.registry.remove(await repository(), [file], actor);
    expect((await t.put('tool/1.0/tool.txt', 'other')).result).toBe('created');
    expect((await t.registry.packageNames(await repository())).length).toBe(1);
  });
});

describe('a repository that an upload made', () => {
  test('is out of view while it is empty, and comes back as it was with the next upload', async () => {
    const { file, repository: before } = await t.put('tool/1.0/tool.txt', 'hello');
    await t.registry.remove(before, [file], actor);
    expect(await t.registry.repository(ref)).toBeUndefined();
    expect(await t.registry.repositories()).toEqual([]);
    await t.put('tool/1.0/tool.txt', 'again');
    expect(await repository()).toMatchObject({ id: before.id, revision: 3, fileCount: 1 });
  });

  test('stays in view when somebody has created it or chosen its settings', async () => {
    await t.registry.createRepository({ format: 'generic', name: 'made' }, {}, actor);
    const { file, repository: uploaded } = await t.put('tool/1.0/tool.txt', 'hello');
    await t.registry.updateRepository(ref, { visibility: 'private' }, actor);
    await t.registry.remove(uploaded, [file], actor);
    expect((await t.registry.repositories()).map((each) => each.ref.name)).toEqual(['files', 'made']);
    expect((await repository()).visibility).toBe('private');
  });
});

describe('what happens at the same time', () => {
  test('a repository deleted during an upload does not come back with other rights', async () => {
    const vault = await t.registry.createRepository(
      { format: 'generic', name: 'vault' },
      { visibility: 'private' },
      actor,
    );
    const staged = await t.registry.stage([Buffer.from('secret')]);
    await t.registry.removeRepository(vault.ref, actor);
    const late = t.registry.publish({
      repository: vault.ref,
      repositoryId: vault.id,
      actor,
      package: 'tool',
      version: '1',
      file: { name: 'f', path: 'tool/1/f', staged, metadata: {} },
    });
    await expect(late).rejects.toMatchObject({ code: 'not_found' });
    expect(await t.registry.repository(vault.ref)).toBeUndefined();
  });

  test('a file that was yanked after it was looked up can still be removed', async () => {
    const { file } = await t.put('tool/1.0/a.txt', 'a');
    await t.registry.yank(await repository(), { package: 'tool', version: '1.0' }, 'broken', actor);
    const known = await repository();
    expect(await t.registry.remove(known, [file], actor)).toBe(1);
    expect(await t.registry.fileAt(known, file.path)).toBeUndefined();
  });

  test('a file that was replaced after it was looked up is not removed in its place', async () => {
    await t.registry.createRepository(ref, { writePolicy: 'overwrite' }, actor);
    const { file } = await t.put('tool/1.0/a.txt', 'a');
    await t.put('tool/1.0/a.txt', 'b');
    expect(await t.registry.remove(await repository(), [file], actor)).toBe(0);
    expect((await t.registry.fileAt(await repository(), file.path))?.metadata).toEqual({ text: 'b' });
  });
});

describe('yanking', () => {
  test('holds for files that join a yanked version later', async () => {
    await t.put('tool/1.0/a.txt', 'a');
    await t.registry.yank(await repository(), { package: 'tool', version: '1.0' }, 'broken', actor);
    expect((await t.put('tool/1.0/b.txt', 'b')).file.yanked).toBe('broken');
    expect((await t.put('tool/1.1/b.txt', 'c')).file.yanked).toBeUndefined();
  });

  test('marks a version, keeps its time of publishing, and can be undone', async () => {
    await t.put('tool/1.0/a.txt', 'a');
    await t.put('tool/1.0/b.txt', 'b');
    const published = t.clock.now;
    t.clock.now += 60_000;
    const target = { package: 'tool', version: '1.0' };
    expect(await t.registry.yank(await repository(), target, 'broken', actor)).toBe(2);
    const yanked = await t.registry.files(await repository(), 'tool');
    expect(yanked.map((file) => file.yanked)).toEqual(['broken', 'broken']);
    expect(yanked.map((file) => file.publishedAt)).toEqual([published, published]);
    expect(await t.registry.yank(await repository(), target, 'broken', actor)).toBe(0);
    expect(await t.registry.yank(await repository(), { ...target, fileName: 'a.txt' }, undefined, actor)).toBe(1);
    const after = await t.registry.files(await repository(), 'tool');
    expect(after.find((file) => file.name === 'a.txt')?.yanked).toBeUndefined();
    expect(after.find((file) => file.name === 'b.txt')?.yanked).toBe('broken');
  });

  test('what is not there is an error', async () => {
    await t.put('tool/1.0/a.txt', 'a');
    const missing = t.registry.yank(await repository(), { package: 'tool', version: '2.0' }, '', actor);
    await expect(missing).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('aliases and package status', () => {
  test('an alias moves and goes', async () => {
    await t.put('tool/1.0/a.txt', 'a');
    await t.registry.setAlias(await repository(), { package: 'tool', name: 'stable', target: '1.0' }, actor);
    await t.registry.setAlias(await repository(), { package: 'tool', name: 'stable', target: '2.0' }, actor);
    expect(await t.registry.aliases(await repository(), 'tool')).toEqual([
      { package: 'tool', name: 'stable', target: '2.0' },
    ]);
    expect(await t.registry.removeAlias(await repository(), 'tool', 'stable', actor)).toBe(true);
    expect(await t.registry.removeAlias(await repository(), 'tool', 'stable', actor)).toBe(false);
  });

  test('a name is either a version or an alias', async () => {
    await t.put('tool/1.0/a.txt', 'a');
    await t.registry.setAlias(await repository(), { package: 'tool', name: 'stable', target: '1.0' }, actor);
    await expect(t.put('tool/stable/a.txt', 'b')).rejects.toMatchObject({ code: 'conflict' });
    const alias = { package: 'tool', name: '1.0', target: '1.0' };
    await expect(t.registry.setAlias(await repository(), alias, actor)).rejects.toMatchObject({ code: 'conflict' });
  });

  test.each(['archived', 'quarantined'] as const)(
    'a package that is %s takes no new files, not even when it is empty',
    async (status) => {
      const { file } = await t.put('tool/1.0/a.txt', 'a');
      await t.registry.setPackageStatus(await repository(), 'tool', status, 'see the notes', actor);
      await expect(t.put('tool/1.1/a.txt', 'b')).rejects.toThrow('see the notes');
      await t.registry.remove(await repository(), [file], actor);
      await expect(t.put('tool/1.1/a.txt', 'b')).rejects.toMatchObject({ code: 'forbidden' });
    },
  );

  test('a change of status is a revision of the package', async () => {
    await t.put('tool/1.0/a.txt', 'a');
    const before = await t.registry.package(await repository(), 'tool');
    await t.registry.setPackageStatus(await repository(), 'tool', 'archived', 'no more', actor);
    const after = await t.registry.package(await repository(), 'tool');
    expect(after).toMatchObject({ status: 'archived', statusReason: 'no more' });
    expect(after?.revision).toBeGreaterThan(before?.revision ?? Number.POSITIVE_INFINITY);
  });
});

describe('lists', () => {
  test('of packages go on where the last page ended', async () => {
    for (const name of ['c', 'a', 'b']) await t.put(`${name}/1/x`, name);
    const first = await t.registry.packages(await repository(), { limit: 2 });
    expect(first.map((pkg) => pkg.name)).toEqual(['a', 'b']);
    const second = await t.registry.packages(await repository(), { limit: 2, after: 'b' });
    expect(second.map((pkg) => pkg.name)).toEqual(['c']);
  });
});

test('the same bytes in two repositories are one blob', async () => {
  const one = await t.put('tool/1.0/a.txt', 'shared', 'one');
  const two = await t.put('tool/1.0/a.txt', 'shared', 'two');
  expect(one.file.storageKey).toBe(two.file.storageKey);
});

test('every change is in the audit log, with who and from where', async () => {
  const { file } = await t.put('tool/1.0/a.txt', 'a');
  await t.registry.remove(await repository(), [file], actor, 'a mistake');
  const events = await t.access.events({ limit: 10 });
  expect(events.map((event) => event.action)).toEqual(['file.remove', 'file.publish', 'repository.create']);
  expect(events[0]).toMatchObject({
    actor: 'tester',
    repository: 'generic/files',
    requestId: 'request-1',
    address: '192.0.2.1',
  });
  expect(events[0]?.detail).toMatchObject({ reason: 'a mistake' });
});

test('a removed repository takes everything with it', async () => {
  await t.put('tool/1.0/a.txt', 'a');
  await t.registry.removeRepository(ref, actor);
  expect(await t.registry.repository(ref)).toBeUndefined();
  expect((await t.put('tool/1.0/a.txt', 'b')).result).toBe('created');
});
