import { expect, test } from 'bun:test';
import { openDatabase } from '../../src/database/database.ts';
import { createRegistry } from '../../src/registry/create-registry.ts';
import { collectGarbage } from '../../src/registry/maintenance/gc.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { ACTOR, REF, TestPlaces } from './places.ts';

const PUBLISHERS = 8;
const ROUNDS = 40;
/** So few that they are collected when all publishers have gone on to the next, and wanted again soon after. */
const CONTENTS = ['alpha', 'beta', 'gamma', 'delta'];
/** Blobs that must have gone and come again before the publishers stop. */
const ENOUGH = 10;
const MOST_ROUNDS = 2_000;

async function publish(registry: Registry, version: string, name: string, text: string): Promise<void> {
  const staged = await registry.stage([Buffer.from(text)]);
  try {
    const file = { name, path: `p/${version}/${name}`, staged, metadata: { text } };
    await registry.publish({ repository: REF, repositoryId: 0, actor: ACTOR, package: 'p', version, file });
  } finally {
    await staged.discard();
  }
}

async function remove(registry: Registry, path: string): Promise<void> {
  const repository = await registry.repository(REF);
  const file = repository && (await registry.fileAt(repository, path));
  if (repository && file) await registry.remove(repository, [file], ACTOR);
}

async function read(registry: Registry, path: string): Promise<string | undefined> {
  const repository = await registry.repository(REF);
  const file = repository && (await registry.fileAt(repository, path));
  return file && new Response(await registry.openFile(file)).text();
}

test('publishing, deleting and collecting the same bytes all at once loses none of them', async () => {
  await using places = await TestPlaces.create();
  const { store } = places;
  // As two replicas and a gc command would be: each with connections of its own.
  const databases = await Promise.all([1, 2, 3].map(() => openDatabase(places.url)));
  try {
    const [first, second, collector] = databases;
    if (!first || !second || !collector) throw new Error('no databases');
    const registries = [first, second].map((database) => createRegistry({ database, store }).registry);
    let publishing = true;
    let collected = 0;
    const collecting = (async () => {
      while (publishing) {
        const context = { database: collector, store, now: Date.now };
        collected += (await collectGarbage(context, { grace: 0 })).garbage.blobs.count;
      }
    })();

    const there = new Map<string, string>();
    const publisher = async (number: number): Promise<void> => {
      const registry = registries[number % 2];
      if (!registry) throw new Error('no registry');
      for (let round = 0, last = false; !last; round += 1) {
        last = (round >= ROUNDS && collected >= ENOUGH) || round > MOST_ROUNDS;
        const text = CONTENTS[Math.floor(round / 5) % CONTENTS.length] ?? '';
        const version = String(round % 5);
        const path = `p/${version}/f${number}-${round}`;
        await publish(registry, version, `f${number}-${round}`, text);
        expect({ path, text: await read(registry, path) }).toEqual({ path, text });
        if (last) there.set(path, text);
        else await remove(registry, path);
      }
    };
    try {
      await Promise.all(Array.from({ length: PUBLISHERS }, (_, number) => publisher(number)));
    } finally {
      publishing = false;
      await collecting;
    }

    expect(collected).toBeGreaterThanOrEqual(ENOUGH);
    expect(there.size).toBe(PUBLISHERS);
    for (const [path, text] of there) expect({ path, text: await places.read(path) }).toEqual({ path, text });
    await collectGarbage(places.context, { grace: 0 });
    const rows = await places.database.read.selectFrom('blobs').select('storage_key').execute();
    expect(await places.keys()).toEqual(rows.map((row) => row.storage_key).sort());
    expect(rows.length).toBeLessThanOrEqual(CONTENTS.length);
  } finally {
    await Promise.all(databases.map((database) => database.close()));
  }
}, 120_000);
