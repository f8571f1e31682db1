import { describe, expect, test } from 'bun:test';
import { bearer } from '../../support/api.ts';
import { useServer } from '../../support/use-server.ts';
import {
  ALGORITHMS,
  CONFIG,
  DOCKER_IMAGE,
  DOCKER_LIST,
  digestOf,
  freshName,
  IMAGE,
  Image,
  INDEX,
  toBytes,
} from '../protocol.ts';
import { type Bytes, expectError, streamOf } from './uploading.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('manifests-again'));
const config = { mediaType: CONFIG, digest: digestOf('{}'), size: 2 };
const text = (value: unknown) => JSON.stringify(value);
const bytesOf = (json: string): Bytes => new TextEncoder().encode(json);

/** That a manifest comes back exactly, by whichever name, with what the headers must say of it. */
async function expectManifest(image: Image, references: readonly string[], bytes: Bytes, type: string) {
  for (const reference of references) {
    const response = await image.ok(200, 'GET', `manifests/${reference}`);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    const head = await image.ok(200, 'HEAD', `manifests/${reference}`);
    for (const name of ['content-type', 'content-length', 'docker-content-digest', 'etag'])
      expect(head.headers.get(name)).toBe(response.headers.get(name));
  }
}

describe('the bytes of a manifest stay what they are', () => {
  const plain = { schemaVersion: 2, mediaType: IMAGE, config, layers: [] };
  const open = text(plain).slice(0, -1);
  test.each<[string, string]>([
    ['with blanks and line ends of every kind', `\r\n\t ${JSON.stringify(plain, null, '\t')}\r\n\n `],
    ['with a key twice', `{"schemaVersion":1,"mediaType":"${INDEX}",${text(plain).slice(1)}`],
    ['with escapes where none are needed', text(plain).replace('schemaVersion', '\\u0073chemaVersion')],
    [
      'with numbers that no program can hold',
      `${open},"x":[1e400,-0,0.1000000000000000055511151231257827,9007199254740993]}`,
    ],
    ['with half a character', `${open},"x":"\\ud83c"}`],
    ['with letters of every script', `${open},"x":"ß 漢字 🎉 \u2028\u202e"}`],
    ['with keys that programs trip over', `${open},"__proto__":{"config":1},"constructor":null,"":0}`],
    ['with lists in lists, a thousand deep', `${open},"x":${'['.repeat(1000)}${']'.repeat(1000)}}`],
  ])('%s', async (_, json) => {
    const image = fresh();
    const bytes = bytesOf(json);
    const digest = digestOf(bytes);
    const response = await image.pushManifest('exact', bytes, IMAGE);
    expect(response.headers.get('docker-content-digest')).toBe(digest);
    expect(response.headers.get('content-length')).toBe('0');
    expect(response.headers.get('location')).toBe(`/v2/${image.name}/manifests/${digest}`);
    await expectManifest(image, ['exact', digest], bytes, IMAGE);
  });
});

describe('the media type', () => {
  test.each([IMAGE, DOCKER_IMAGE])('%s is that of the header without its parameters', async (type) => {
    const image = fresh();
    const bytes = bytesOf(text({ schemaVersion: 2, config, layers: [] }));
    for (const sent of [type, `${type}; charset=utf-8`, `${type};charset="utf-8";version=2`]) {
      await image.pushManifest('x', bytes, sent);
      await expectManifest(image, ['x'], bytes, type);
    }
  });

  test.each([
    ['an image', IMAGE, { config, layers: [] }],
    ['a Docker image', DOCKER_IMAGE, { config, layers: [] }],
    ['an index', INDEX, { manifests: [] }],
    ['a Docker list', DOCKER_LIST, { manifests: [] }],
  ])('is that of the manifest where the header does not say it: %s', async (_, mediaType, fields) => {
    const image = fresh();
    const bytes = toBytes({ schemaVersion: 2, mediaType, ...fields });
    const response = await image.call('PUT', 'manifests/x', { body: bytes });
    expect(response.status).toBe(201);
    await expectManifest(image, ['x'], bytes, mediaType);
  });

  test('need not be known: any JSON document is kept under the type that it was sent as', async () => {
    const image = fresh();
    for (const type of ['application/vnd.example.thing+json', 'application/vnd.cncf.oras.artifact.manifest.v1+json']) {
      const bytes = toBytes({ mediaType: type, blobs: [], hello: 'world' });
      await image.pushManifest('x', bytes, type);
      await expectManifest(image, ['x', digestOf(bytes)], bytes, type);
    }
  });

  test('is never what the client would rather have', async () => {
    const image = fresh();
    for (const type of [IMAGE, DOCKER_IMAGE]) {
      const bytes = await image.makeImage({ mediaType: type });
      await image.pushManifest('x', bytes, type);
      const others = [
        DOCKER_LIST,
        'application/vnd.docker.distribution.manifest.v1+prettyjws',
        'text/html',
        '*/*;q=0',
        '',
      ];
      for (const accept of others) {
        const response = await image.ok(200, 'GET', 'manifests/x', { headers: { accept } });
        expect(response.headers.get('content-type')).toBe(type);
        expect(digestOf(await response.bytes())).toBe(digestOf(bytes));
      }
    }
  });
});

test('a manifest is never compressed, and one that did not change is not sent', async () => {
  const image = fresh();
  const { digest } = await image.pushImage('x', { annotations: { long: 'x'.repeat(5000) } });
  for (const reference of ['x', digest]) {
    const headers = { 'accept-encoding': 'gzip, zstd, br' };
    const response = await image.ok(200, 'GET', `manifests/${reference}`, { headers });
    expect(response.headers.get('content-encoding')).toBeNull();
    for (const etag of [`"${digest}"`, `W/"${digest}"`, `"x", "${digest}"`, '*']) {
      const again = await image.ok(304, 'GET', `manifests/${reference}`, { headers: { 'if-none-match': etag } });
      expect(again.headers.get('docker-content-digest')).toBe(digest);
      expect(await again.text()).toBe('');
    }
    await image.ok(200, 'GET', `manifests/${reference}`, { headers: { 'if-none-match': '"sha256:0"' } });
  }
  expect((await image.ok(200, 'HEAD', 'manifests/x')).headers.get('cache-control')).toBe('no-cache');
});

test('a tag is at the manifest that was pushed last, and the one before stays under its digest', async () => {
  const image = fresh();
  const first = await image.pushImage('latest');
  const second = await image.pushImage('latest');
  const at = async (reference: string) =>
    (await image.ok(200, 'HEAD', `manifests/${reference}`)).headers.get('docker-content-digest');
  expect(await at('latest')).toBe(second.digest);
  expect(await at(first.digest)).toBe(first.digest);
  // Whoever had it cached sees the new one.
  const headers = { 'if-none-match': `"${first.digest}"` };
  await image.ok(200, 'GET', 'manifests/latest', { headers });
});

test('of many pushes to one tag at the same time all succeed, and it is at one of them', async () => {
  const image = fresh();
  const manifests = await Promise.all(Array.from({ length: 8 }, () => image.makeImage()));
  await Promise.all(manifests.map((bytes) => image.pushManifest('busy', bytes, IMAGE)));
  const digest = (await image.ok(200, 'HEAD', 'manifests/busy')).headers.get('docker-content-digest') ?? '';
  expect(manifests.map((bytes) => digestOf(bytes))).toContain(digest);
  for (const bytes of manifests) await image.ok(200, 'HEAD', `manifests/${digestOf(bytes)}`);
});

describe.each(ALGORITHMS)('tags as parameters of a push by %s', (algorithm) => {
  test('are set together, one or a hundred, and said back', async () => {
    const image = fresh();
    const bytes = await image.makeImage({}, algorithm);
    const digest = digestOf(bytes, algorithm);
    for (const count of [1, 12, 100]) {
      const tags = Array.from({ length: count }, (_, n) => `v${count}.${n}`);
      const query = tags.map((tag) => `tag=${tag}`).join('&');
      const response = await image.pushManifest(`${digest}?${query}`, bytes, IMAGE);
      expect(response.headers.get('oci-tag')?.split(', ')).toEqual(tags);
      expect(response.headers.get('docker-content-digest')).toBe(digest);
      await expectManifest(image, [tags[0] ?? '', tags.at(-1) ?? ''], bytes, IMAGE);
    }
    // Without them nothing is said of tags.
    expect((await image.pushManifest(digest, bytes, IMAGE)).headers.get('oci-tag')).toBeNull();
  });

  test('are all set or none: one that is no tag refuses the push', async () => {
    const image = fresh();
    const bytes = await image.makeImage({}, algorithm);
    const digest = digestOf(bytes, algorithm);
    for (const wrong of ['-x', 'x'.repeat(129), '', 'a b', digest]) {
      const path = `manifests/${digest}?tag=good&tag=${encodeURIComponent(wrong)}`;
      const options = { body: bytes, headers: { 'content-type': IMAGE } };
      await expectError(await image.call('PUT', path, options), 400, 'TAG_INVALID');
    }
    for (const reference of ['good', digest])
      expect((await image.call('HEAD', `manifests/${reference}`)).status).toBe(404);
  });
});

test('one manifest can have both digests, each with tags of its own', async () => {
  const image = fresh();
  const bytes = await image.makeImage();
  const [short, long] = [digestOf(bytes), digestOf(bytes, 'sha512')];
  await image.pushManifest(`${short}?tag=short`, bytes, IMAGE);
  await image.pushManifest(`${long}?tag=long`, bytes, IMAGE);
  const at = async (tag: string) =>
    (await image.ok(200, 'HEAD', `manifests/${tag}`)).headers.get('docker-content-digest');
  expect([await at('short'), await at('long')]).toEqual([short, long]);
  await image.ok(202, 'DELETE', `manifests/${short}`);
  expect((await image.call('HEAD', 'manifests/short')).status).toBe(404);
  await expectManifest(image, ['long', long], bytes, IMAGE);
});

describe('a manifest of', () => {
  const sized = (size: number): Bytes => {
    const make = (note: string) => toBytes({ schemaVersion: 2, mediaType: IMAGE, config, layers: [], note });
    return make('x'.repeat(size - make('').length));
  };
  const MIB = 2 ** 20;

  test.each([4 * MIB, 8 * MIB])('%d bytes is taken', async (size) => {
    const image = fresh();
    const bytes = sized(size);
    await image.pushManifest('large', bytes, IMAGE);
    await expectManifest(image, ['large'], bytes, IMAGE);
  });

  test('more is 413 in JSON, whether its length is said before or not, and its tag does not come to be', async () => {
    const image = fresh();
    for (const size of [8 * MIB + 1, 20 * MIB]) {
      for (const body of [sized(size), streamOf(sized(size), MIB)]) {
        const options = { body, headers: { 'content-type': IMAGE } };
        await expectError(await image.call('PUT', 'manifests/large', options), 413, 'SIZE_INVALID');
      }
    }
    expect((await image.call('HEAD', 'manifests/large', { headers: bearer(server().adminToken) })).status).toBe(404);
  });
});
