import { expect, test } from 'bun:test';
import { putFile } from '../support/api.ts';
import { inCheckout } from '../support/paths.ts';
import { run } from '../support/run.ts';
import { stagedFiles } from '../support/staging.ts';
import { TestServer } from '../support/start-server.ts';
import { sha256 } from '../support/wheel.ts';

const ROUNDS = 5;
const UPLOADS = 40;
const PARALLEL = 4;

/** Contents that can be made again from the name alone; up to 300 kB. */
function contentOf(name: string): Uint8Array<ArrayBuffer> {
  const seed = Bun.hash.crc32(name);
  const bytes = new Uint8Array(1_000 + (seed % 300_000));
  for (let index = 0, value = seed; index < bytes.length; index += 1) {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = value >>> 24;
  }
  return bytes;
}

/** Uploads until all are sent or the server is gone; returns the names that it acknowledged. */
async function uploadUntilKilled(server: TestServer, names: string[], acknowledged: Set<string>): Promise<void> {
  const sender = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const response = await putFile(server, `cut/p/${name}/f.bin`, contentOf(name)).catch(() => undefined);
      if (!response) return;
      if (response.status === 201) acknowledged.add(name);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, sender));
}

async function visible(server: TestServer): Promise<string[]> {
  const headers = { accept: 'application/json' };
  const response = await fetch(`${server.url}/repo/generic/cut/p/`, { headers });
  if (response.status === 404) return [];
  return [...new Set(JSON.stringify(await response.json()).match(/round\d+-\d+/g) ?? [])];
}

test('kill -9 at random moments of 200 uploads: what was acknowledged is whole, what is visible is whole', async () => {
  await using server = await TestServer.start();
  const acknowledged = new Set<string>();
  const sent = new Set<string>();
  let interrupted = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const names = Array.from({ length: UPLOADS }, (_, index) => `round${round}-${index}`);
    for (const name of names) sent.add(name);
    const before = acknowledged.size;
    const target = before + Math.floor(Math.random() * (UPLOADS - PARALLEL));
    let finished = false;
    const uploading = uploadUntilKilled(server, names, acknowledged).finally(() => {
      finished = true;
    });
    while (acknowledged.size < target && !finished) await Bun.sleep(1);
    await Bun.sleep(Math.random() * 5);
    await server.kill();
    await uploading;
    if (acknowledged.size - before < UPLOADS) interrupted += 1;

    await server.restart();
    const shown = await visible(server);
    for (const name of acknowledged) expect(shown).toContain(name);
    for (const name of shown) {
      expect(sent).toContain(name);
      const response = await fetch(`${server.url}/repo/generic/cut/p/${name}/f.bin`);
      expect({ name, status: response.status }).toEqual({ name, status: 200 });
      expect({ name, sha256: sha256(await response.bytes()) }).toEqual({ name, sha256: sha256(contentOf(name)) });
    }
  }
  expect(interrupted).toBeGreaterThan(0);
  // What was under way at the kills can be sent again, and nothing of it blocks the way.
  for (const name of sent) {
    const again = await putFile(server, `cut/p/${name}/f.bin`, contentOf(name));
    expect([200, 201]).toContain(again.status);
  }
  expect((await visible(server)).sort()).toEqual([...sent].sort());
  // Leftovers of a crash may lie in the staging folder until they are collected, at most one for each connection.
  expect(stagedFiles(server).length).toBeLessThanOrEqual(ROUNDS * PARALLEL);
  expect(await run(['node', inCheckout('bin/packyard'), 'fsck', ...server.placeFlags])).toMatchObject({ code: 0 });
});
