import { afterAll, beforeAll, expect, test } from 'bun:test';
import { bearer, createToken, publish, putFile, yank } from '../support/api.ts';
import { Replicas } from '../support/replicas.ts';
import { type SharedPlaces, sharedPlaces } from '../support/shared-places.ts';
import { makeWheel } from '../support/wheel.ts';

let places: SharedPlaces;
let replicas: Replicas;
beforeAll(async () => {
  places = await sharedPlaces();
  replicas = await Replicas.start(2, places);
});
afterAll(async () => {
  await replicas?.[Symbol.asyncDispose]();
  await places?.dispose();
});

test('what is published on one replica is there on the other at once, a hundred times', async () => {
  for (let turn = 0; turn < 100; turn += 1) {
    const [writer, reader] = turn % 2 === 0 ? [0, 1] : [1, 0];
    const put = await putFile(replicas.get(writer), `shared/p/1/${turn}.txt`, `turn ${turn}`);
    expect(put.status).toBe(201);
    const read = await fetch(`${replicas.get(reader).url}/repo/generic/shared/p/1/${turn}.txt`);
    expect([read.status, await read.text()]).toEqual([200, `turn ${turn}`]);
  }
});

test('a file that one replica keeps in memory is gone there at once when another deletes it', async () => {
  for (let turn = 0; turn < 20; turn += 1) {
    const path = `/repo/generic/shared/hot/1/${turn}.txt`;
    await putFile(replicas.get(0), `shared/hot/1/${turn}.txt`, 'hot');
    for (let reading = 0; reading < 5; reading += 1)
      expect((await fetch(`${replicas.get(1).url}${path}`)).status).toBe(200);
    const headers = bearer(replicas.get(0).adminToken);
    expect((await fetch(`${replicas.get(0).url}${path}`, { method: 'DELETE', headers })).ok).toBe(true);
    expect((await fetch(`${replicas.get(1).url}${path}`)).status).toBe(404);
  }
});

test('the index page of a project has on every replica what was published, yanked and deleted on another', async () => {
  const page = (index: number) =>
    fetch(`${replicas.get(index).url}/repo/pypi/tools/demo/`).then((response) => response.text());
  for (let turn = 0; turn < 20; turn += 1) {
    const wheel = makeWheel({ name: 'demo', version: `1.${turn}` });
    await publish(replicas.get(turn % 2), 'tools', wheel);
    expect(await page(0)).toContain(wheel.fileName);
    expect(await page(1)).toContain(wheel.fileName);
  }
  await yank(replicas.get(0), 'pypi/tools', 'demo', '1.3', 'broken');
  expect(await page(1)).toContain('data-yanked="broken"');
  const version = '/api/v1/repositories/pypi/tools/packages/demo/versions/1.4';
  const removed = await fetch(`${replicas.get(1).url}${version}`, {
    method: 'DELETE',
    headers: bearer(replicas.get(1).adminToken),
  });
  expect(removed.status).toBe(200);
  expect(await page(0)).not.toContain('demo-1.4-');
});

test('a token that is made or revoked on one replica counts on the other at once', async () => {
  const token = await createToken(replicas.get(0), 'ci', 'generic/*', ['read', 'write']);
  const whoami = async () => {
    const response = await fetch(`${replicas.get(1).url}/api/v1/whoami`, { headers: bearer(token) });
    return response.status;
  };
  expect(await whoami()).toBe(200);
  const headers = bearer(replicas.get(0).adminToken);
  const list = (await (await fetch(`${replicas.get(0).url}/api/v1/tokens`, { headers })).json()) as {
    items: { id: string; hint: string }[];
  };
  const id = list.items.find(({ hint }) => token.startsWith(hint))?.id;
  expect((await fetch(`${replicas.get(0).url}/api/v1/tokens/${id}`, { method: 'DELETE', headers })).ok).toBe(true);
  expect(await whoami()).toBe(401);
});

test('replicas that start together on an empty database make one administrator between them', async () => {
  const fresh = await sharedPlaces();
  const started = await Promise.all(Array.from({ length: 3 }, () => Replicas.start(1, fresh)));
  const tokens = started.map((each) => /\bpky_[A-Za-z0-9]{43}\b/.exec(each.get(0).stdout)?.[0]).filter(Boolean);
  expect(tokens.length).toBe(1);
  await Promise.all(started.map((each) => each[Symbol.asyncDispose]()));
  await fresh.dispose();
});
