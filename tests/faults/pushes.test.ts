import { expect, test } from 'bun:test';
import { digestOf, IMAGE, Image, LAYER, OCTETS, someBytes, toBytes } from '../oci/protocol.ts';
import { inCheckout } from '../support/paths.ts';
import { run } from '../support/run.ts';
import { TestServer } from '../support/start-server.ts';

const CONFIG = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf('{}'), size: 2 };

/** Pushes an image with a shared and an own layer, in parts; the digest of its manifest. */
async function push(image: Image, tag: string, shared: Uint8Array<ArrayBuffer>): Promise<string> {
  const layers = [shared, someBytes(20_000)];
  const descriptors = [];
  for (const layer of layers) {
    const digest = digestOf(layer);
    descriptors.push({ mediaType: LAYER, digest, size: layer.length });
    if ((await image.call('HEAD', `blobs/${digest}`)).status === 200) continue;
    const location = await image.begin();
    await image.ok(202, 'PATCH', location, { body: layer, headers: OCTETS });
    await image.ok(201, 'PUT', `${location}?digest=${digest}`);
  }
  await image.pushBlob('{}');
  const bytes = toBytes({ schemaVersion: 2, mediaType: IMAGE, config: CONFIG, layers: descriptors });
  await image.pushManifest(tag, bytes, IMAGE);
  return digestOf(bytes);
}

/** That an image is there with all its bytes. */
async function expectWhole(image: Image, reference: string): Promise<void> {
  const manifest = (await (await image.ok(200, 'GET', `manifests/${reference}`)).json()) as {
    layers: { digest: string }[];
  };
  for (const { digest } of manifest.layers) {
    const bytes = await (await image.ok(200, 'GET', `blobs/${digest}`)).bytes();
    expect(digestOf(bytes)).toBe(digest);
  }
}

const gc = (server: TestServer, ...options: readonly string[]) =>
  run(['node', inCheckout('bin/packyard'), 'gc', ...server.placeFlags, ...options]);

test('kill -9 in the middle of pushes: every tag that is there has a whole image, and what was acknowledged is there', async () => {
  await using server = await TestServer.start();
  const shared = someBytes(100_000);
  const acknowledged = new Map<string, string>();
  for (let round = 0; round < 4; round++) {
    let killed = false;
    const pusher = async (worker: number): Promise<void> => {
      const image = new Image(server, `cut/app-${worker}`);
      for (let number = 0; !killed; number++) {
        const tag = `r${round}-${number}`;
        const digest = await push(image, tag, shared).catch(() => undefined);
        if (digest === undefined) return;
        acknowledged.set(`${worker} ${tag}`, digest);
      }
    };
    const pushing = Promise.all([0, 1, 2].map(pusher));
    const before = acknowledged.size;
    while (acknowledged.size < before + 5) await Bun.sleep(2);
    await Bun.sleep(Math.random() * 10);
    killed = true;
    await server.kill();
    await pushing;
    await server.restart();
    for (const worker of [0, 1, 2]) {
      const image = new Image(server, `cut/app-${worker}`);
      const { tags } = (await (await image.ok(200, 'GET', 'tags/list')).json()) as { tags: string[] };
      for (const tag of tags) await expectWhole(image, tag);
      for (const key of acknowledged.keys()) if (key.startsWith(`${worker} `)) expect(tags).toContain(key.slice(2));
    }
  }
  expect(await run(['node', inCheckout('bin/packyard'), 'fsck', ...server.placeFlags])).toMatchObject({ code: 0 });
});

test('gc takes no layer from an image that is pushed or deleted beside it', async () => {
  await using server = await TestServer.start();
  const shared = someBytes(50_000);
  const until = Date.now() + 8000;
  let pushes = 0;
  const pusher = async (worker: number): Promise<void> => {
    const image = new Image(server, `raced/app-${worker % 2}`);
    for (let number = 0; Date.now() < until; number++) {
      const tag = `w${worker}-${number}`;
      const digest = await push(image, tag, shared);
      await expectWhole(image, tag);
      pushes += 1;
      // Sometimes everything goes, and the shared layer with it.
      if (number % 2 === 0) await image.ok(202, 'DELETE', `manifests/${digest}`);
    }
  };
  const collector = async (): Promise<void> => {
    while (Date.now() < until) {
      const done = await gc(server, '--grace', '0s', '--abandoned-after', '3s', '--wait');
      expect(done).toMatchObject({ code: 0 });
    }
  };
  await Promise.all([pusher(0), pusher(1), pusher(2), collector()]);
  expect(pushes).toBeGreaterThan(10);
  for (const name of ['raced/app-0', 'raced/app-1']) {
    const image = new Image(server, name);
    const { tags } = (await (await image.ok(200, 'GET', 'tags/list')).json()) as { tags: string[] };
    for (const tag of tags) await expectWhole(image, tag);
  }
  expect(await run(['node', inCheckout('bin/packyard'), 'fsck', ...server.placeFlags])).toMatchObject({ code: 0 });
});
