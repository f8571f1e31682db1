import { expect, test } from 'bun:test';
import { readdirSync, writeFileSync } from 'node:fs';
import { putFile } from '../support/api.ts';
import { skipVisibly } from '../support/clients.ts';
import { eventually } from '../support/eventually.ts';
import { Load } from '../support/load.ts';
import { Replicas } from '../support/replicas.ts';
import { sharedPlaces } from '../support/shared-places.ts';
import { TempFolder } from '../support/temp-folder.ts';

const SENTENCE = 'a clock that is set back by two days, then forward, loses nothing and holds nobody up';
const FAKETIME = findFaketime();

if (FAKETIME === undefined) {
  skipVisibly(SENTENCE, 'needs libfaketime: run tests/servers/install.sh');
} else {
  const library = FAKETIME;
  test(SENTENCE, async () => {
    const places = await sharedPlaces();
    using folder = new TempFolder('clock');
    const setClock = (offset: string) => writeFileSync(folder.join('offset'), offset);
    setClock('+0');
    const env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: folder.join('offset'),
      FAKETIME_NO_CACHE: '1',
      // Only what the clock on the wall says; a stop-watch goes on as it does on a real machine.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
    try {
      await using replicas = await Replicas.start(2, { ...places, env });
      const load = new Load(replicas.servers);
      await load.until(40);
      setClock('-2d');
      await eventually(
        'the replicas see the new time',
        async () => (await clockOf(replicas)) < Date.now() - 86_400_000,
      );
      await load.until(40);
      expect((await replicas.command(['gc'])).code).toBe(0);
      setClock('+2d');
      await load.until(40);
      expect((await replicas.command(['gc'])).code).toBe(0);
      setClock('+0');
      await load.until(40);
      await load.stop();
      expect(load.defects).toEqual([]);
      for (const server of replicas.servers) expect(await load.verify(server)).toEqual([]);
      expect(await replicas.command(['fsck'])).toMatchObject({ code: 0 });
    } finally {
      await places.dispose();
    }
  });
}

/** What a replica takes the time to be, from the audit log. */
async function clockOf(replicas: Replicas): Promise<number> {
  const server = replicas.get(0);
  await putFile(server, 'clock/p/1/f', String(Math.random()));
  const headers = { authorization: `Bearer ${server.adminToken}` };
  const response = await fetch(`${server.url}/api/v1/events?limit=1`, { headers });
  const { items } = (await response.json()) as { items: { at: string }[] };
  return Date.parse(items[0]?.at ?? '');
}

function findFaketime(): string | undefined {
  for (const folder of readdirSync('/usr/lib')) {
    const path = `/usr/lib/${folder}/faketime/libfaketime.so.1`;
    if (Bun.file(path).size > 0) return path;
  }
  return undefined;
}
