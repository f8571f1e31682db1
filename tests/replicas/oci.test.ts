import { afterAll, beforeAll, expect, test } from 'bun:test';
import { digestOf, IMAGE, Image, LAYER, OCTETS, someBytes, toBytes } from '../oci/protocol.ts';
import { Replicas } from '../support/replicas.ts';
import { type SharedPlaces, sharedPlaces } from '../support/shared-places.ts';

const REPLICAS = 3;

let places: SharedPlaces;
let replicas: Replicas;
beforeAll(async () => {
  places = await sharedPlaces();
  replicas = await Replicas.start(REPLICAS, places);
});
afterAll(async () => {
  await replicas?.[Symbol.asyncDispose]();
  await places?.dispose();
});

const on = (index: number, name: string) => new Image(replicas.get(index % REPLICAS), name);

test('an upload goes on at whichever replica its next request reaches', async () => {
  const bytes = someBytes(300_000);
  const location = await on(0, 'spread/app').begin();
  for (const [index, start] of [0, 100_000, 200_000].entries()) {
    const image = on(index + 1, 'spread/app');
    const headers = { ...OCTETS, 'content-range': `${start}-${start + 99_999}` };
    await image.ok(202, 'PATCH', location, { body: bytes.slice(start, start + 100_000), headers });
    const state = await on(index, 'spread/app').ok(204, 'GET', location);
    expect(state.headers.get('range')).toBe(`0-${start + 99_999}`);
  }
  await on(1, 'spread/app').ok(201, 'PUT', `${location}?digest=${digestOf(bytes)}`);
  for (let index = 0; index < REPLICAS; index++) {
    const got = await (await on(index, 'spread/app').ok(200, 'GET', `blobs/${digestOf(bytes)}`)).arrayBuffer();
    expect(Buffer.from(got).equals(bytes)).toBe(true);
  }
});

test('a tag that moves on one replica has moved on all of them, also where its old manifest was read again and again', async () => {
  const manifests = [await on(0, 'moving/app').makeImage(), await on(0, 'moving/app').makeImage()];
  for (let turn = 0; turn < 30; turn++) {
    const bytes = manifests[turn % 2] ?? new Uint8Array();
    await on(turn, 'moving/app').pushManifest('latest', bytes, IMAGE);
    for (let index = 0; index < REPLICAS; index++) {
      for (let reading = 0; reading < 3; reading++) {
        const response = await fetch(`${replicas.get(index).url}/v2/moving/app/manifests/latest`);
        expect(response.headers.get('docker-content-digest')).toBe(digestOf(bytes));
        await response.arrayBuffer();
      }
    }
  }
});

test('64 pushes at once of images that share layers all succeed, and each image is whole', async () => {
  const shared = [someBytes(50_000), someBytes(50_000)];
  const push = async (number: number): Promise<void> => {
    const image = on(number, number % 2 ? 'shared/app' : `shared/app-${number % 8}`);
    const layers = [...shared, someBytes(1000)];
    const descriptors = [];
    for (const layer of layers) {
      const digest = digestOf(layer);
      const location = await image.begin();
      const next = on(number + 1, image.name);
      await next.ok(202, 'PATCH', location, { body: layer, headers: OCTETS });
      await image.ok(201, 'PUT', `${location}?digest=${digest}`);
      descriptors.push({ mediaType: LAYER, digest, size: layer.length });
    }
    const config = {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: await image.pushBlob('{}'),
      size: 2,
    };
    const bytes = toBytes({ schemaVersion: 2, mediaType: IMAGE, config, layers: descriptors });
    await image.pushManifest(`t${number}`, bytes, IMAGE);
    await on(number + 2, image.name).ok(200, 'HEAD', `manifests/t${number}`);
    for (const { digest } of descriptors) await on(number + 2, image.name).ok(200, 'HEAD', `blobs/${digest}`);
  };
  await Promise.all(Array.from({ length: 64 }, (_, number) => push(number)));
  const { tags } = (await (await on(0, 'shared/app').ok(200, 'GET', 'tags/list')).json()) as { tags: string[] };
  expect(tags).toHaveLength(32);
  expect(await replicas.command(['fsck'])).toMatchObject({ code: 0 });
});
