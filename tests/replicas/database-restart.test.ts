import { expect, test } from 'bun:test';
import { skipVisibly } from '../support/clients.ts';
import { createDatabase, DatabaseServer } from '../support/database-server.ts';
import { Load } from '../support/load.ts';
import { Replicas } from '../support/replicas.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { SERVER_KINDS } from '../support/test-database.ts';

for (const kind of SERVER_KINDS) {
  const sentence = `${kind} that is killed and restarted under load loses nothing that was acknowledged, and requests wait or get 503`;
  if (!DatabaseServer.isInstalled(kind)) {
    skipVisibly(sentence, `needs ${kind}: run tests/servers/install.sh`);
    continue;
  }
  test(sentence, async () => {
    await using database = await DatabaseServer.start(kind);
    using objects = new TempFolder('objects');
    const places = { database: await createDatabase(database.url), storage: `file:${objects.path}` };
    await using replicas = await Replicas.start(2, places);
    const load = new Load(replicas.servers, { parallel: 8 });
    for (const end of ['kill', 'stop', 'kill'] as const) {
      await load.until(60);
      await database[end]();
      await Bun.sleep(300);
      await database.start();
    }
    await load.until(60);
    await load.stop();
    expect(load.defects).toEqual([]);
    expect(load.answers.get('no answer')).toBeUndefined();
    for (const server of replicas.servers) expect(await load.verify(server)).toEqual([]);
    expect(await replicas.command(['fsck'])).toMatchObject({ code: 0 });
  });

  test(`${kind} that stays away is 503 with Retry-After, for reading and for writing, and /readyz says so`, async () => {
    await using database = await DatabaseServer.start(kind);
    using objects = new TempFolder('objects');
    const places = { database: await createDatabase(database.url), storage: `file:${objects.path}` };
    await using replicas = await Replicas.start(1, places);
    const load = new Load(replicas.servers, { parallel: 1 });
    await load.until(3);
    await database.kill();
    await load.stop();
    const { url } = replicas.get(0);
    const [page, ready] = await Promise.all([fetch(`${url}/repo/generic/load/`), fetch(`${url}/readyz`)]);
    expect([page.status, ready.status]).toEqual([503, 503]);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await page.text()).not.toContain('127.0.0.1');
    await database.start();
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await load.verify(replicas.get(0))).toEqual([]);
  });
}
