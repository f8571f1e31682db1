import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createTestRegistry, type TestRegistry } from './testing.ts';

const ref = { format: 'generic', name: 'files' };
const actor = { name: 'tester', requestId: 'request-1', address: '192.0.2.1' };
const DAY = 86_400_000;

let t: TestRegistry;
beforeEach(async () => {
  t = await createTestRegistry();
});
afterEach(() => t.dispose());

/** The repository, also while it is out of view. */
async function repository() {
  const found = await t.registry.repository(ref, { evenEmpty: true });
  if (!found) throw new Error('the repository is missing');
  return found;
}

async function removeAll(packageName: string, version?: string): Promise<void> {
  const here = await repository();
  await t.registry.remove(here, await t.registry.files(here, packageName, version), actor, 'a mistake');
}

async function paths(packageName = 'tool'): Promise<string[]> {
  return (await t.registry.files(await repository(), packageName)).map((file) => file.path).sort();
}

async function deleted(): Promise<string[]> {
  const found = await t.registry.deletedFiles(await repository(), {}, { limit: 100 });
  return found.map((file) => `${file.package}/${file.version}/${file.name}`);
}

describe('bringing back', () => {
  test('a version gives every file its place, time of publishing, publisher and yank mark again', async () => {
    await t.put('tool/1.0/a.txt', 'a');
    await t.put('tool/1.0/b.txt', 'b');
    await t.put('tool/2.0/c.txt', 'c');
    await t.registry.yank(await repository(), { package: 'tool', version: '1.0', fileName: 'a.txt' }, 'broken', actor);
    const before = await t.registry.files(await repository(), 'tool');
    t.clock.now += DAY;
    await removeAll('tool', '1.0');
    expect(await paths()).toEqual(['tool/2.0/c.txt']);
    const back = await t.registry.undelete(await repository(), { package: 'tool', version: '1.0' }, actor);
    expect(back).toEqual({ count: 2, revision: 6 });
    const known = ({ path, publishedAt, publishedBy, yanked }: (typeof before)[number]) => ({
      path,
      publishedAt,
      publishedBy,
      yanked,
    });
    const after = await t.registry.files(await repository(), 'tool');
    expect(after.map(known)).toEqual(before.map(known));
    expect(await repository()).toMatchObject({ revision: 6, fileCount: 3 });
    expect((await t.registry.package(await repository(), 'tool'))?.revision).toBe(6);
  });

  test('one file leaves the others deleted', async () => {
    await t.put('tool/1.0/a.txt', 'a');
    await t.put('tool/1.0/b.txt', 'b');
    await removeAll('tool');
    await t.registry.undelete(await repository(), { package: 'tool', version: '1.0', fileName: 'b.txt' }, actor);
    expect(await paths()).toEqual(['tool/1.0/b.txt']);
    expect(await deleted()).toEqual(['tool/1.0/a.txt']);
  });

  test('a package brings back whatever was deleted of it, and nothing of others', async () => {
    for (const path of ['tool/1.0/a', 'tool/2.0/a', 'other/1.0/a']) await t.put(path, path);
    await removeAll('tool', '1.0');
    expect(await t.registry.removePackage(await repository(), 'tool', actor)).toBe(1);
    await removeAll('other');
    await t.registry.undelete(await repository(), { package: 'tool' }, actor);
    expect(await paths()).toEqual(['tool/1.0/a', 'tool/2.0/a']);
    expect(await paths('other')).toEqual([]);
  });

  test('what one revision removed leaves earlier deletions alone', async () => {
    for (const version of ['1.0', '2.0']) await t.put(`tool/${version}/a`, version);
    await removeAll('tool', '1.0');
    await removeAll('tool', '2.0');
    const { revision } = await repository();
    await t.registry.undelete(await repository(), { revision }, actor);
    expect(await paths()).toEqual(['tool/2.0/a']);
  });

  test('puts a repository that nobody created into view again', async () => {
    await t.put('tool/1.0/a', 'a');
    await removeAll('tool');
    expect(await t.registry.repository(ref)).toBeUndefined();
    await t.registry.undelete(await repository(), { package: 'tool' }, actor);
    expect(await t.registry.repository(ref)).toMatchObject({ fileCount: 1 });
    expect(await t.registry.packageNames(await repository())).toEqual(['tool']);
  });

  test('of several files that were at one place gives the last', async () => {
    for (const text of ['first', 'second']) {
      await t.put('tool/1.0/a', text);
      await removeAll('tool');
    }
    expect((await t.registry.undelete(await repository(), { package: 'tool' }, actor)).count).toBe(1);
    const [file] = await t.registry.files(await repository(), 'tool');
    expect(file?.metadata).toEqual({ text: 'second' });
  });

  test('can be undone and done again, as often as one likes', async () => {
    await t.put('tool/1.0/a', 'a');
    for (let round = 0; round < 3; round++) {
      await removeAll('tool');
      await t.registry.undelete(await repository(), { package: 'tool' }, actor);
    }
    expect(await paths()).toEqual(['tool/1.0/a']);
  });

  test('a thousand files is one revision with one line in the audit log', async () => {
    for (let index = 0; index < 1001; index++) await t.put(`tool/${index}/a`, String(index % 7));
    await removeAll('tool');
    const back = await t.registry.undelete(await repository(), { package: 'tool' }, actor);
    expect(back).toEqual({ count: 1001, revision: 1003 });
    expect(await paths()).toHaveLength(1001);
    const [event] = await t.access.events({ limit: 1 });
    expect(event).toMatchObject({ action: 'file.undelete', actor: 'tester', subject: 'tool' });
    expect(event?.detail).toMatchObject({ count: 1001, revision: 1003 });
  }, 60_000);
});

describe('what cannot be brought back', () => {
  test('is what another file has taken the place of, and then nothing comes back', async () => {
    await t.put('tool/1.0/a', 'old');
    await t.put('tool/1.0/b', 'b');
    await removeAll('tool');
    await t.put('tool/1.0/a', 'new');
    const again = t.registry.undelete(await repository(), { package: 'tool' }, actor);
    await expect(again).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('tool/1.0/a') });
    expect(await paths()).toEqual(['tool/1.0/a']);
    await t.registry.undelete(await repository(), { package: 'tool', skipTaken: true }, actor);
    expect(await paths()).toEqual(['tool/1.0/a', 'tool/1.0/b']);
    expect((await t.registry.fileAt(await repository(), 'tool/1.0/a'))?.metadata).toEqual({ text: 'new' });
  });

  test('is not what the same bytes were published in place of again', async () => {
    await t.put('tool/1.0/a', 'same');
    await t.put('tool/1.0/b', 'b');
    await removeAll('tool');
    await t.put('tool/1.0/a', 'same');
    expect(await t.registry.undelete(await repository(), { package: 'tool' }, actor)).toMatchObject({ count: 1 });
    expect(await paths()).toEqual(['tool/1.0/a', 'tool/1.0/b']);
  });

  test('is a file that was replaced, as long as the other one is there', async () => {
    await t.registry.createRepository(ref, { writePolicy: 'overwrite' }, actor);
    await t.put('tool/1.0/a', 'old');
    await t.put('tool/1.0/a', 'new');
    const target = { package: 'tool', version: '1.0' };
    const file = t.registry.undelete(await repository(), { ...target, fileName: 'a' }, actor);
    await expect(file).rejects.toMatchObject({ code: 'conflict' });
    const version = t.registry.undelete(await repository(), target, actor);
    await expect(version).rejects.toMatchObject({ code: 'not_found' });
    expect(await deleted()).toEqual([]);
  });

  test('is not a file that is only yanked', async () => {
    await t.put('tool/1.0/a', 'a');
    await t.registry.yank(await repository(), { package: 'tool', version: '1.0' }, '', actor);
    expect(await deleted()).toEqual([]);
    const again = t.registry.undelete(await repository(), { package: 'tool', version: '1.0', fileName: 'a' }, actor);
    await expect(again).rejects.toMatchObject({ code: 'not_found' });
  });

  test('is a version whose name an alias has taken', async () => {
    await t.put('tool/1.0/a', 'a');
    await t.put('tool/2.0/a', 'b');
    await removeAll('tool', '1.0');
    await t.registry.setAlias(await repository(), { package: 'tool', name: '1.0', target: '2.0' }, actor);
    const again = t.registry.undelete(await repository(), { package: 'tool' }, actor);
    await expect(again).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('alias') });
  });

  test('is what was never there, and the refusal says where to look', async () => {
    await t.put('tool/1.0/a', 'a');
    const nothing = t.registry.undelete(await repository(), { package: 'tool', version: '9.9' }, actor);
    await expect(nothing).rejects.toMatchObject({
      code: 'not_found',
      hint: 'packyard undelete --list generic/files shows what can be; deleted things go for good after 7 days',
    });
    expect((await repository()).revision).toBe(1);
  });
});

test('the list of deleted files tells who, when, why and until when, page by page', async () => {
  for (const version of ['1', '2', '3']) await t.put(`tool/${version}/a`, version);
  await removeAll('tool', '1');
  t.clock.now += 1000;
  await t.registry.removePackage(await repository(), 'tool', { name: 'somebody' });
  const here = await repository();
  const [first, ...rest] = await t.registry.deletedFiles(here, {}, { limit: 2 });
  expect(first).toMatchObject({
    package: 'tool',
    version: '3',
    name: 'a',
    size: 1,
    revision: 5,
    removedAt: t.clock.now,
    removedBy: 'somebody',
    reason: 'remove tool',
    until: t.clock.now + 7 * DAY,
  });
  expect(rest).toHaveLength(1);
  const second = await t.registry.deletedFiles(here, {}, { before: rest[0], limit: 2 });
  expect(second.map((file) => [file.version, file.reason])).toEqual([['1', 'a mistake']]);
  const one = await t.registry.deletedFiles(here, { package: 'tool', version: '2' }, { limit: 9 });
  expect(one.map((file) => file.version)).toEqual(['2']);
});

describe('a removed repository', () => {
  test('comes back as it was', async () => {
    await t.registry.createRepository(ref, { visibility: 'private', retention: { keepDays: 9 } }, actor);
    await t.put('tool/1.0/a', 'a');
    const before = await repository();
    await t.registry.removeRepository(ref, { name: 'somebody' });
    expect(await t.registry.repositories()).toEqual([]);
    const [removed, ...others] = await t.registry.removedRepositories(ref);
    expect(others).toEqual([]);
    expect(removed).toEqual({
      id: before.id,
      ref,
      visibility: 'private',
      fileCount: 1,
      removedAt: t.clock.now,
      removedBy: 'somebody',
      until: t.clock.now + 7 * DAY,
    });
    const back = await t.registry.undeleteRepository(before.id, actor);
    expect(back).toEqual({ ...before, revision: 3 });
    expect(await repository()).toEqual(back);
    expect(await paths()).toEqual(['tool/1.0/a']);
    expect(await t.registry.removedRepositories({})).toEqual([]);
    const events = await t.access.events({ limit: 2 });
    expect(events.map(({ action, repository: name }) => `${action} ${name}`)).toEqual([
      'repository.undelete generic/files',
      'repository.remove generic/files',
    ]);
  });

  test('does not push away another one that has its name now', async () => {
    const { repository: old } = await t.put('tool/1.0/a', 'a');
    await t.registry.removeRepository(ref, actor);
    await t.put('tool/1.0/a', 'b');
    await expect(t.registry.undeleteRepository(old.id, actor)).rejects.toMatchObject({ code: 'conflict' });
    await t.registry.removeRepository(ref, actor);
    expect((await t.registry.removedRepositories(ref)).map(({ id }) => id === old.id)).toEqual([false, true]);
    await t.registry.undeleteRepository(old.id, actor);
    expect((await t.registry.fileAt(await repository(), 'tool/1.0/a'))?.metadata).toEqual({ text: 'a' });
  });

  test('takes the place of an empty one that is out of view', async () => {
    const { repository: old } = await t.put('tool/1.0/a', 'a');
    await t.registry.removeRepository(ref, actor);
    await t.put('tool/1.0/a', 'b');
    await removeAll('tool');
    expect((await t.registry.undeleteRepository(old.id, actor)).id).toBe(old.id);
    expect((await repository()).id).toBe(old.id);
    expect(await t.registry.removedRepositories(ref)).toHaveLength(1);
  });

  test('comes back once, however many ask at the same time', async () => {
    const { repository: old } = await t.put('tool/1.0/a', 'a');
    await t.registry.removeRepository(ref, actor);
    const all = await Promise.allSettled([1, 2, 3].map(() => t.registry.undeleteRepository(old.id, actor)));
    expect(all.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await paths()).toEqual(['tool/1.0/a']);
  });

  test('that is none is not found', async () => {
    const { repository: present } = await t.put('tool/1.0/a', 'a');
    await expect(t.registry.undeleteRepository(present.id, actor)).rejects.toMatchObject({ code: 'not_found' });
  });
});
