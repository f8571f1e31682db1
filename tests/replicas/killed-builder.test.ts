import { expect, test } from 'bun:test';
import { publish } from '../support/api.ts';
import { fillRepository } from '../support/fill-repository.ts';
import { Replicas } from '../support/replicas.ts';
import { sharedPlaces } from '../support/shared-places.ts';
import { makeWheel } from '../support/wheel.ts';

const PROJECTS = 20_000;
const ROUNDS = 4;

test('kill -9 of the replica that builds a large index: the others build it, and it has what was published last', async () => {
  const places = await sharedPlaces();
  try {
    await using replicas = await Replicas.start(3, places);
    const [builder, ...others] = replicas.servers as [(typeof replicas.servers)[0], ...typeof replicas.servers];
    await publish(builder, 'large', makeWheel({ name: 'first', version: '1.0' }));
    await fillRepository(places.database, 'large', PROJECTS);
    const root = (server: { url: string }) =>
      fetch(`${server.url}/repo/pypi/large/`).then((response) => response.text());
    for (let round = 0; round < ROUNDS; round += 1) {
      const wheel = makeWheel({ name: `round-${round}`, version: '1.0' });
      await publish(builder, 'large', wheel);
      // Somewhere in its work: before the rows are read, while the page is rendered, stored, or just done.
      const building = root(builder).catch(() => 'killed');
      await Bun.sleep(5 + Math.random() * 150);
      await builder.kill();
      const pages = await Promise.all(others.map(root));
      for (const page of pages) {
        expect(page).toContain(`>${wheel.name}<`);
        expect(page.split('<a ').length - 1).toBe(PROJECTS + 2 + round);
      }
      await building;
      await builder.restart();
      expect(await root(builder)).toBe(pages[0] ?? '');
    }
    expect(await replicas.command(['fsck'])).toMatchObject({ code: 0 });
  } finally {
    await places.dispose();
  }
});
