import { expect, test } from 'bun:test';
import { openDatabase } from '../../src/database/database.ts';
import { PackyardError } from '../../src/model/errors.ts';
import { createRegistry } from '../../src/registry/create-registry.ts';
import { checkEverything } from '../../src/registry/maintenance/fsck.ts';
import { collectGarbage } from '../../src/registry/maintenance/gc.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { ACTOR, REF, TestPlaces } from '../maintenance/places.ts';

const WORKERS = 6;
const ROUNDS = 60;
/** If until then nothing has come back, something else is wrong than the race. */
const MOST_ROUNDS = 2_000;
const VERSIONS = ['1', '2', '3', '4'];

async function publish(registry: Registry, version: string): Promise<void> {
  const staged = await registry.stage([Buffer.from(`content of ${version}`)]);
  try {
    const file = { name: 'f', path: `p/${version}/f`, staged, metadata: {} };
    await registry.publish({ repository: REF, repositoryId: 0, actor: ACTOR, package: 'p', version, file });
  } finally {
    await staged.discard();
  }
}

async function here(registry: Registry) {
  const found = await registry.repository(REF, { evenEmpty: true });
  if (!found) throw new PackyardError('not_found', 'the repository is missing');
  return found;
}

/** What people and rules do to a repository, each with the number of things that it changed. */
const DEEDS: readonly ((registry: Registry, version: string) => Promise<unknown>)[] = [
  publish,
  publish,
  publish,
  async (registry, version) => {
    const repository = await here(registry);
    await registry.remove(repository, await registry.files(repository, 'p', version), ACTOR);
  },
  async (registry) => registry.removePackage(await here(registry), 'p', ACTOR),
  async (registry, version) => registry.undelete(await here(registry), { package: 'p', version }, ACTOR),
  async (registry) => registry.undelete(await here(registry), { package: 'p' }, ACTOR),
  async (registry) => registry.applyRetention(await here(registry), ACTOR),
];

/** Of two who are after the same thing one is told that it is not there; that is no fault. */
async function tolerantly(deed: Promise<unknown>): Promise<void> {
  await deed.catch((error: unknown) => {
    if (!(error instanceof PackyardError && error.code === 'not_found')) throw error;
  });
}

async function broughtBack(registry: Registry): Promise<boolean> {
  const revisions = await registry.revisions(await here(registry), 10_000);
  return revisions.some(({ reason }) => reason.startsWith('undelete '));
}

test('publishing, deleting, bringing back, rules and collecting all at once leave everything whole', async () => {
  await using places = await TestPlaces.create();
  const { store } = places;
  await places.registry.createRepository(REF, { keepEmpty: false, retention: { keepVersions: 2 } }, ACTOR);
  // As two replicas and a gc command would be: each with connections of its own.
  const databases = await Promise.all([1, 2, 3].map(() => openDatabase(places.url)));
  try {
    const [first, second, collector] = databases;
    if (!first || !second || !collector) throw new Error('no databases');
    const registries = [first, second].map((database) => createRegistry({ database, store, grace: 0 }).registry);
    let working = true;
    const collecting = (async () => {
      const context = { database: collector, store, now: Date.now };
      while (working) await collectGarbage(context, { grace: 0 });
    })();
    const worker = async (number: number): Promise<void> => {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        if (round >= ROUNDS && (await broughtBack(places.registry))) break;
        const deed = DEEDS[(round * 5 + number * 3) % DEEDS.length];
        const registry = registries[number % 2];
        const version = VERSIONS[(round + number) % VERSIONS.length] ?? '';
        if (deed && registry) await tolerantly(deed(registry, version));
      }
    };
    try {
      await Promise.all(Array.from({ length: WORKERS }, (_, number) => worker(number)));
    } finally {
      working = false;
      await collecting;
    }

    for (const version of VERSIONS) await publish(places.registry, version);
    for (const version of VERSIONS) expect(await places.read(`p/${version}/f`)).toBe(`content of ${version}`);
    const report = await checkEverything(places.context);
    expect(report.faults).toEqual([]);
    expect(report.clean).toBe(true);
    const revisions = await places.registry.revisions(await here(places.registry), 10_000);
    expect(revisions.map(({ number }) => number)).toEqual(revisions.map((_, index) => revisions.length - index));
    expect(await broughtBack(places.registry)).toBe(true);
  } finally {
    await Promise.all(databases.map((database) => database.close()));
  }
}, 120_000);
