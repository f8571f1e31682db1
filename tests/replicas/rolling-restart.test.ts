import { expect, test } from 'bun:test';
import { Load } from '../support/load.ts';
import { Replicas } from '../support/replicas.ts';
import { sharedPlaces } from '../support/shared-places.ts';

test('a rolling restart under load loses no acknowledged upload and answers no 5xx but 503 with Retry-After', async () => {
  const places = await sharedPlaces();
  try {
    await using replicas = await Replicas.start(3, places);
    const load = new Load(replicas.servers);
    for (const server of replicas.servers) {
      await load.until(50);
      await server.restart();
    }
    await load.until(50);
    await load.stop();
    expect(load.defects).toEqual([]);
    expect(await load.verify(replicas.get(0))).toEqual([]);
    expect(await replicas.command(['fsck'])).toMatchObject({ code: 0 });
  } finally {
    await places.dispose();
  }
});
