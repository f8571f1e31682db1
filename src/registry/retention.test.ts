import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Retention } from '../model/retention.ts';
import { createTestRegistry, type TestRegistry } from './testing.ts';

const ref = { format: 'generic', name: 'files' };
const actor = { name: 'tester' };
const DAY = 86_400_000;

let t: TestRegistry;
/** What the format says that clients choose by themselves, beside what was published last. */
let newest: ReadonlySet<string>;
beforeEach(async () => {
  newest = new Set();
  t = await createTestRegistry({ newestVersions: () => newest });
});
afterEach(() => t.dispose());

async function repository(name = ref.name) {
  const found = await t.registry.repository({ ...ref, name }, { evenEmpty: true });
  if (!found) throw new Error('the repository is missing');
  return found;
}

async function rules(retention: Partial<Retention> | null, name = ref.name): Promise<void> {
  await t.registry.updateRepository({ ...ref, name }, { retention }, actor);
}

/** Publishes versions of a package, each a day after the one before; the last one now. */
async function publish(versions: readonly string[], packageName = 'tool', name = ref.name): Promise<void> {
  const now = t.clock.now;
  for (const [index, version] of versions.entries()) {
    t.clock.now = now - (versions.length - 1 - index) * DAY;
    await t.put(`${packageName}/${version}/a`, `${packageName} ${version}`, name);
  }
}

async function expired(): Promise<string[]> {
  const { items } = await t.registry.retentionPreview(await repository(), { limit: 1000 });
  return items.map((version) => `${version.package}@${version.version}`);
}

async function versions(packageName = 'tool'): Promise<string[]> {
  return (await t.registry.files(await repository(), packageName)).map((file) => file.version);
}

describe('the rules', () => {
  test('keep the newest so many by the time of publishing, whatever they are called', async () => {
    await publish(['9.0', '1.0', '3.0', '2.0']);
    await rules({ keepVersions: 2 });
    expect(await expired()).toEqual(['tool@1.0', 'tool@9.0']);
  });

  test('keep what was published in the last so many days', async () => {
    await publish(['1', '2', '3', '4']);
    await rules({ keepDays: 2 });
    expect(await expired()).toEqual(['tool@1']);
    t.clock.now += DAY;
    expect(await expired()).toEqual(['tool@2', 'tool@1']);
  });

  test('each keep what they keep, so that together they keep more', async () => {
    await publish(['1', '2', '3', '4', '5']);
    await rules({ keepVersions: 2, keepDays: 3 });
    expect(await expired()).toEqual(['tool@1']);
    await rules({ keepDays: null });
    expect(await expired()).toEqual(['tool@3', 'tool@2', 'tool@1']);
    await rules(null);
    expect(await expired()).toEqual([]);
  });

  test('count a version as young as its newest file', async () => {
    await publish(['1', '2', '3']);
    t.clock.now += DAY;
    await t.put('tool/1/late', 'late');
    await rules({ keepVersions: 1 });
    expect(await expired()).toEqual(['tool@3', 'tool@2']);
  });

  test('are for each package by itself', async () => {
    await publish(['1', '2'], 'one');
    await publish(['1', '2', '3'], 'two');
    await publish(['1'], 'three');
    await rules({ keepVersions: 1 });
    expect(await expired()).toEqual(['one@1', 'two@2', 'two@1']);
  });
});

describe('no rule takes away', () => {
  test('the newest version, however old it is', async () => {
    await publish(['1', '2']);
    await rules({ keepDays: 1 });
    t.clock.now += 1000 * DAY;
    expect(await expired()).toEqual(['tool@1']);
  });

  test('what clients choose by themselves, though something else was published later', async () => {
    await publish(['2.0', '1.8', '1.9']);
    await rules({ keepVersions: 1 });
    newest = new Set(['2.0']);
    expect(await expired()).toEqual(['tool@1.8']);
  });

  test('what an alias points at, for as long as it does', async () => {
    await publish(['1', '2', '3']);
    await rules({ keepVersions: 1 });
    await t.registry.setAlias(await repository(), { package: 'tool', name: 'stable', target: '1' }, actor);
    expect(await expired()).toEqual(['tool@2']);
    await t.registry.removeAlias(await repository(), 'tool', 'stable', actor);
    expect(await expired()).toEqual(['tool@2', 'tool@1']);
  });
});

describe('the preview', () => {
  test('tells files, size, time and reason, and changes nothing', async () => {
    await publish(['1', '2', '3']);
    const before = await repository();
    await rules({ keepVersions: 2, keepDays: 1 });
    const { items, next } = await t.registry.retentionPreview(await repository(), { limit: 10 });
    expect(next).toBeUndefined();
    expect(items).toEqual([
      {
        package: 'tool',
        version: '1',
        files: 1,
        size: 'tool 1'.length,
        publishedAt: t.clock.now - 2 * DAY,
        reason: 'not among the newest 2, published 2 days ago',
      },
    ]);
    expect(await versions()).toEqual(['1', '2', '3']);
    expect((await repository()).revision).toBe(before.revision);
  });

  test('goes on after the package with which a page ends', async () => {
    for (const name of ['a', 'b', 'c']) await publish(['1', '2', '3'], name);
    await rules({ keepVersions: 1 });
    const first = await t.registry.retentionPreview(await repository(), { limit: 3 });
    expect(first.items.map((item) => item.package)).toEqual(['a', 'a', 'b', 'b']);
    expect(first.next).toBe('b');
    const second = await t.registry.retentionPreview(await repository(), { limit: 3, after: first.next });
    expect(second.items.map((item) => item.package)).toEqual(['c', 'c']);
    expect(second.next).toBeUndefined();
  });
});

describe('applying the rules', () => {
  test('is one revision with one line in the audit log, and can be undone', async () => {
    await publish(['1', '2', '3'], 'one');
    await publish(['1', '2', '3'], 'two');
    await rules({ keepVersions: 1 });
    const before = await repository();
    const done = await t.registry.applyRetention(before, actor);
    expect(done).toEqual({ versions: 4, files: 4, size: 20, revisions: [before.revision + 1] });
    expect(await versions('one')).toEqual(['3']);
    expect(await repository()).toMatchObject({ revision: before.revision + 1, fileCount: 2 });
    const [event] = await t.access.events({ limit: 1 });
    expect(event).toMatchObject({ action: 'retention.apply', subject: '2 packages' });
    expect(event?.detail).toMatchObject({ reason: 'retention: keep the newest version', count: 4 });
    await t.registry.undelete(await repository(), { revision: done.revisions[0] }, actor);
    expect(await versions('two')).toEqual(['1', '2', '3']);
  });

  test('twice changes nothing the second time', async () => {
    await publish(['1', '2']);
    await rules({ keepVersions: 1 });
    await t.registry.applyRetention(await repository(), actor);
    const before = await repository();
    expect(await t.registry.applyRetention(before, actor)).toMatchObject({ versions: 0, files: 0, revisions: [] });
    expect(await repository()).toEqual(before);
  });

  test('at the same time as others removes each version once', async () => {
    await publish(['1', '2', '3', '4']);
    await rules({ keepVersions: 1 });
    const here = await repository();
    const all = await Promise.all([1, 2, 3].map(() => t.registry.applyRetention(here, actor)));
    expect(all.reduce((sum, { versions: count }) => sum + count, 0)).toBe(3);
    expect(await repository()).toMatchObject({ fileCount: 1, revision: here.revision + 1 });
  });

  test('goes by the rules as they are, not as they were when it began', async () => {
    await publish(['1', '2', '3']);
    await rules({ keepVersions: 1 });
    const known = await repository();
    await rules({ keepVersions: 2 });
    expect(await t.registry.applyRetention(known, actor)).toMatchObject({ versions: 1 });
    expect(await versions()).toEqual(['2', '3']);
  });

  test('everywhere goes through all repositories that have rules', async () => {
    for (const name of ['files', 'more', 'free']) await publish(['1', '2'], 'tool', name);
    await rules({ keepVersions: 1 });
    await rules({ keepVersions: 1 }, 'more');
    const runs = await t.registry.applyRetentionEverywhere(actor);
    expect(runs.map((run) => [run.repository.name, run.versions])).toEqual([
      ['files', 1],
      ['more', 1],
    ]);
    expect((await repository('free')).fileCount).toBe(2);
    expect(await t.registry.applyRetentionEverywhere(actor)).toEqual([]);
  });
});

test('a rule that is left out stays, and null ends it', async () => {
  await publish(['1']);
  await rules({ keepVersions: 3, keepDays: 4 });
  await rules({ keepVersions: null });
  expect((await repository()).retention).toEqual({ keepVersions: null, keepDays: 4 });
  await rules(null);
  expect((await repository()).retention).toEqual({ keepVersions: null, keepDays: null });
});
