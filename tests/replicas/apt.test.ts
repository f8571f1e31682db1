import { afterAll, beforeAll, expect, test } from 'bun:test';
import { AptRoot } from '../apt/apt-root.ts';
import { listed, publishDeb, read } from '../apt/repository.ts';
import { clientTest } from '../support/clients.ts';
import { Replicas } from '../support/replicas.ts';
import { type SharedPlaces, sharedPlaces } from '../support/shared-places.ts';
import { TestServer } from '../support/start-server.ts';

const ENV = {
  PACKYARD_SIGNING_ALGORITHM: 'ed25519',
  PACKYARD_SIGNING_SECRET: 'one secret for all of the servers of a test',
};

let places: SharedPlaces;
let replicas: Replicas;
beforeAll(async () => {
  places = await sharedPlaces();
  replicas = await Replicas.start(2, { ...places, env: ENV });
});
afterAll(async () => {
  await replicas?.[Symbol.asyncDispose]();
  await places?.dispose();
});

const tool = (Version: string, Package = 'tool') => ({ control: { Package, Version, Architecture: 'amd64' } });

/** Sends one request to one replica and the next to the other, as a load balancer does. */
function balancer(): { readonly url: string; stop(): void } {
  let turn = 0;
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request) => {
      turn += 1;
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.delete('host');
      return fetch(`${replicas.get(turn % 2).url}${pathname}${search}`, { headers, decompress: false } as RequestInit);
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, stop: () => void server.stop(true) };
}

test('what is published on one replica is in the next index of the other, and they agree on every byte', async () => {
  for (let turn = 0; turn < 20; turn += 1) {
    const [writer, reader] = turn % 2 === 0 ? [0, 1] : [1, 0];
    await publishDeb(replicas.get(writer), { repository: 'shared' }, tool(String(turn)));
    expect(await listed(replicas.get(reader), 'shared')).toContain(`tool ${turn}`);
    const release = 'dists/bookworm/InRelease';
    expect(await read(replicas.get(0), 'shared', release)).toBe(await read(replicas.get(1), 'shared', release));
  }
});

clientTest(
  'apt that meets one replica after the other has no wrong hash or size while both publish',
  'apt-get',
  async () => {
    await publishDeb(replicas.get(0), { repository: 'balanced' }, tool('0'));
    const balanced = balancer();
    using apt = new AptRoot();
    const key = apt.writeKey('key.asc', await read(replicas.get(0), 'balanced', 'key.asc'));
    apt.writeSources('balanced.list', `deb [signed-by=${key}] ${balanced.url}/repo/apt/balanced bookworm main\n`);
    let stopped = false;
    const publishers = [0, 1].map(async (index) => {
      for (let number = 1; !stopped; number += 1)
        await publishDeb(replicas.get(index), { repository: 'balanced' }, tool(String(number), `tool-${index}`));
    });
    try {
      for (let round = 0; round < 60; round += 1) await apt.updateCleanly();
    } finally {
      stopped = true;
      await Promise.all(publishers);
      balanced.stop();
    }
  },
);

test('a server with another secret says so, and serves what needs no key', async () => {
  await publishDeb(replicas.get(0), { repository: 'secret' }, tool('1'));
  const env = { ...ENV, PACKYARD_SIGNING_SECRET: 'another secret than all the others have got' };
  const other = await TestServer.start({ ...places, env, adminToken: replicas.get(0).adminToken });
  try {
    await publishDeb(other, { repository: 'secret' }, tool('2'));
    const refused = await fetch(`${other.url}/repo/apt/secret/dists/bookworm/InRelease`);
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain('signing.secret');
  } finally {
    await other.stop();
  }
  expect(await listed(replicas.get(0), 'secret')).toEqual(['tool 1', 'tool 2']);
});
