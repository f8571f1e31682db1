import { expect, test } from 'bun:test';
import { Load } from '../support/load.ts';
import { Replicas } from '../support/replicas.ts';
import { sharedPlaces } from '../support/shared-places.ts';

const ROUNDS = 4;

test('kill -9 of a replica during uploads: what was acknowledged is whole on the others, and nothing else is half there', async () => {
  const places = await sharedPlaces();
  try {
    await using replicas = await Replicas.start(3, places);
    const load = new Load(replicas.servers, { maxSize: 300_000 });
    for (let round = 0; round < ROUNDS; round += 1) {
      await load.until(40);
      const victim = replicas.get(1 + (round % 2));
      await victim.kill();
      await load.until(40);
      await victim.restart();
    }
    await load.stop();
    expect(load.defects).toEqual([]);
    expect(load.answers.get('no answer')).toBeGreaterThan(0);
    for (const server of replicas.servers) expect(await load.verify(server)).toEqual([]);
    expect(await replicas.command(['fsck'])).toMatchObject({ code: 0 });
  } finally {
    await places.dispose();
  }
});
