import { describe, expect, test } from 'bun:test';
import { createRepository } from '../support/api.ts';
import { useServer } from '../support/use-server.ts';
import {
  ALGORITHMS,
  CONFIG,
  type Descriptor,
  DOCKER_IMAGE,
  DOCKER_LIST,
  digestOf,
  EMPTY,
  freshName,
  IMAGE,
  Image,
  INDEX,
  LAYER,
  toBytes,
} from './protocol.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('manifests'));
type Bytes = Uint8Array<ArrayBuffer>;

/** That a manifest comes back byte for byte by this reference, for HEAD too, and what its headers say. */
async function expectManifest(image: Image, reference: string, bytes: Bytes, type: string, digest = digestOf(bytes)) {
  for (const method of ['HEAD', 'GET']) {
    const response = await image.ok(200, method, `manifests/${reference}`);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(response.headers.get('docker-content-digest')).toBe(digest);
    expect(response.headers.get('etag')).toBe(`"${digest}"`);
    if (method === 'GET') expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  }
}

describe('a manifest', () => {
  test('by tag comes back byte for byte, by tag and digest, whatever the client accepts', async () => {
    const image = fresh();
    const bytes = new TextEncoder().encode(`${new TextDecoder().decode(await image.makeImage())}\n   `);
    const response = await image.pushManifest('1.0', bytes, IMAGE);
    expect(response.headers.get('location')).toBe(`/v2/${image.name}/manifests/${digestOf(bytes)}`);
    expect(response.headers.get('docker-content-digest')).toBe(digestOf(bytes));
    for (const reference of ['1.0', digestOf(bytes), encodeURIComponent(digestOf(bytes))])
      await expectManifest(image, reference, bytes, IMAGE);
    const accept = { accept: 'application/vnd.docker.distribution.manifest.v1+json' };
    await image.ok(200, 'GET', 'manifests/1.0', { headers: accept });
  });

  test.each([IMAGE, DOCKER_IMAGE])('of the type %s keeps it', async (type) => {
    const image = fresh();
    const bytes = await image.makeImage({ mediaType: type });
    await image.pushManifest('x', bytes, `${type}; charset=utf-8`);
    await expectManifest(image, 'x', bytes, type);
  });

  test.each([INDEX, DOCKER_LIST])('of the type %s lists images, also nested and empty', async (type) => {
    const image = fresh();
    const manifests = [await image.pushImage(), await image.pushImage()];
    const index = toBytes({ schemaVersion: 2, mediaType: type, manifests });
    await image.pushManifest('multi', index, type);
    await expectManifest(image, 'multi', index, type);
    const nested = { mediaType: type, digest: digestOf(index), size: index.length };
    for (const list of [[nested], []]) {
      const outer = toBytes({ schemaVersion: 2, mediaType: type, manifests: list });
      await image.pushManifest('outer', outer, type);
      await expectManifest(image, 'outer', outer, type);
    }
  });

  test('of nearly 4 MiB is taken and comes back', async () => {
    const image = fresh();
    const annotations = Object.fromEntries(Array.from({ length: 390 }, (_, n) => [`note-${n}`, 'x'.repeat(10_000)]));
    const bytes = await image.makeImage({ annotations });
    expect(bytes.length).toBeGreaterThan(3_900_000);
    await image.pushManifest('large', bytes, IMAGE);
    await expectManifest(image, 'large', bytes, IMAGE);
  });

  test('of an artifact, without layers, with custom fields, data inside or layers from elsewhere is taken', async () => {
    const image = fresh();
    const empty: Descriptor = { mediaType: EMPTY, digest: await image.pushBlob('{}'), size: 2 };
    const foreign = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      digest: digestOf('never pushed'),
      size: 12,
      urls: ['https://example.com/layer'],
    };
    for (const fields of [
      { artifactType: 'application/x-thing', config: empty, layers: [empty] },
      { artifactType: 'application/x-thing', config: empty, layers: [] },
      { config: { ...empty, mediaType: CONFIG }, layers: [], custom: { a: [1, null, 'ü'] } },
      { config: { ...empty, data: 'e30=' }, layers: [] },
      { config: { ...empty, mediaType: CONFIG }, layers: [foreign] },
    ]) {
      const bytes = toBytes({ schemaVersion: 2, mediaType: IMAGE, ...fields });
      await image.pushManifest(digestOf(bytes), bytes, IMAGE);
      await expectManifest(image, digestOf(bytes), bytes, IMAGE);
    }
  });

  test('may leave its media type to the header', async () => {
    const image = fresh();
    const bytes = await image.makeImage({ mediaType: undefined });
    await image.pushManifest('silent', bytes, IMAGE);
    await expectManifest(image, 'silent', bytes, IMAGE);
  });

  test('that does not change is not sent again, and by tag it is asked for each time', async () => {
    const image = fresh();
    const { digest } = await image.pushImage('cached');
    for (const [reference, caching] of [
      ['cached', 'no-cache'],
      [digest, 'immutable'],
    ] as const) {
      const response = await image.ok(200, 'HEAD', `manifests/${reference}`);
      expect(response.headers.get('cache-control')).toContain(caching);
      await image.ok(304, 'GET', `manifests/${reference}`, { headers: { 'if-none-match': `"${digest}"` } });
    }
  });
});

describe.each(ALGORITHMS)('pushed by its %s', (algorithm) => {
  test('a manifest is found by it', async () => {
    const image = fresh();
    const bytes = await image.makeImage({}, algorithm);
    const digest = digestOf(bytes, algorithm);
    const response = await image.pushManifest(digest, bytes, IMAGE);
    expect(response.headers.get('docker-content-digest')).toBe(digest);
    await expectManifest(image, digest, bytes, IMAGE, digest);
    await image.ok(202, 'DELETE', `manifests/${digest}`);
    expect((await image.call('GET', `manifests/${digest}`)).status).toBe(404);
  });

  test('it gets several tags at once', async () => {
    const image = fresh();
    const bytes = await image.makeImage({}, algorithm);
    const digest = digestOf(bytes, algorithm);
    const response = await image.pushManifest(`${digest}?tag=1.2.3&tag=1.2&tag=latest`, bytes, IMAGE);
    expect(response.headers.get('oci-tag')?.split(', ').sort()).toEqual(['1.2', '1.2.3', 'latest']);
    for (const tag of ['1.2.3', '1.2', 'latest']) await expectManifest(image, tag, bytes, IMAGE, digest);
  });

  test('bytes with another digest are refused', async () => {
    const image = fresh();
    const bytes = await image.makeImage({}, algorithm);
    const wrong = digestOf('something else', algorithm);
    const response = await image.call('PUT', `manifests/${wrong}`, { body: bytes, headers: { 'content-type': IMAGE } });
    expect([response.status, await image.errorOf(response)]).toEqual([400, 'DIGEST_INVALID']);
    expect((await image.call('GET', `manifests/${wrong}`)).status).toBe(404);
  });
});

describe('what cannot be a manifest is refused, and its tag does not come to be', () => {
  const image = { schemaVersion: 2, mediaType: IMAGE, config: {}, layers: [] };
  const config = { mediaType: CONFIG, digest: digestOf('{}'), size: 2 };
  test.each<[string, string | Bytes, string]>([
    ['not JSON', 'not JSON', IMAGE],
    ['nothing', '', IMAGE],
    ['a list', '[]', IMAGE],
    ['another type than it says', toBytes({ ...image, config }), INDEX],
    ['of schema 1', '{"schemaVersion":1,"name":"a","tag":"b","fsLayers":[],"history":[]}', IMAGE],
    ['sent as schema 1', '{"schemaVersion":1}', 'application/vnd.docker.distribution.manifest.v1+prettyjws'],
    ['a number for a digest', toBytes({ ...image, config: { ...config, digest: 7 } }), IMAGE],
    ['a text for a size', toBytes({ ...image, config: { ...config, size: '2' } }), IMAGE],
    ['nested without end', '{"a":'.repeat(200_000), IMAGE],
    ['both an image and an index', toBytes({ ...image, config, manifests: [] }), IMAGE],
  ])('%s', async (_, body, type) => {
    const target = fresh();
    const response = await target.call('PUT', 'manifests/bad', { body, headers: { 'content-type': type } });
    expect([response.status, await target.errorOf(response)]).toEqual([400, 'MANIFEST_INVALID']);
    expect((await target.call('GET', 'manifests/bad')).status).toBe(404);
  });

  test('with a digest in upper case', async () => {
    const body = toBytes({ ...image, config: { ...config, digest: config.digest.toUpperCase() } });
    const response = await fresh().call('PUT', 'manifests/bad', { body, headers: { 'content-type': IMAGE } });
    expect(response.status).toBe(400);
  });

  test('of more than 8 MiB, with a clear 413', async () => {
    const target = fresh();
    const body = toBytes({ ...image, config, annotations: { x: 'x'.repeat(8 * 1024 * 1024) } });
    const response = await target.call('PUT', 'manifests/huge', { body, headers: { 'content-type': IMAGE } });
    expect([response.status, await target.errorOf(response)]).toEqual([413, 'SIZE_INVALID']);
  });

  test.each([
    ['a tag of 129 characters', 'x'.repeat(129), 'TAG_INVALID'],
    ['a tag that begins with a dot', '.hidden', 'TAG_INVALID'],
    ['a digest of the wrong length', 'sha256:abc', 'DIGEST_INVALID'],
    ['no digest at all', 'sha256:baddigeststring', 'DIGEST_INVALID'],
    ['an algorithm that nobody knows', `md5:${'a'.repeat(32)}`, 'DIGEST_INVALID'],
  ])('under %s', async (_, reference, code) => {
    const target = fresh();
    const bytes = await target.makeImage();
    for (const method of ['PUT', 'GET', 'DELETE']) {
      const options = method === 'PUT' ? { body: bytes, headers: { 'content-type': IMAGE } } : {};
      const response = await target.call(method, `manifests/${reference}`, options);
      expect([method, response.status, await target.errorOf(response)]).toEqual([method, 400, code]);
    }
  });

  test('with more than 100 tags', async () => {
    const target = fresh();
    const bytes = await target.makeImage();
    const tags = Array.from({ length: 101 }, (_, n) => `tag=${n}`).join('&');
    const options = { body: bytes, headers: { 'content-type': IMAGE } };
    expect((await target.call('PUT', `manifests/${digestOf(bytes)}?${tags}`, options)).status).toBe(413);
  });
});

describe('manifests that name what is not there', () => {
  const missing = digestOf('missing');

  test('are taken: an image without its layer, an index without an image', async () => {
    const image = fresh();
    const config = { mediaType: CONFIG, digest: await image.pushBlob('{}'), size: 2 };
    const layers = [{ mediaType: LAYER, digest: missing, size: 7 }];
    const sparse = toBytes({ schemaVersion: 2, mediaType: IMAGE, config, layers });
    await image.pushManifest('sparse-image', sparse, IMAGE);
    const manifests = [await image.pushImage(), { mediaType: IMAGE, digest: missing, size: 7 }];
    const index = toBytes({ schemaVersion: 2, mediaType: INDEX, manifests });
    await image.pushManifest('sparse-index', index, INDEX);
    await expectManifest(image, 'sparse-index', index, INDEX);
  });

  test('are refused where the repository wants whole images', async () => {
    const image = new Image(server(), freshName('whole'));
    await createRepository(server(), 'oci/whole', { incompleteImages: 'refuse' });
    await image.pushBlob('{}');
    const config = { mediaType: CONFIG, digest: digestOf('{}'), size: 2 };
    const layers = [{ mediaType: LAYER, digest: missing, size: 7 }];
    const manifests = [{ mediaType: IMAGE, digest: missing, size: 7 }];
    for (const [type, fields] of [
      [IMAGE, { config, layers }],
      [INDEX, { manifests }],
    ] as const) {
      const body = toBytes({ schemaVersion: 2, mediaType: type, ...fields });
      const response = await image.call('PUT', 'manifests/x', { body, headers: { 'content-type': type } });
      expect([response.status, await image.errorOf(response)]).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
    }
    // A subject may come later, whatever the repository wants.
    await image.pushImage('signature', { subject: { mediaType: IMAGE, digest: missing, size: 7 } });
  });
});

test('a manifest that is not there is 404 by tag and digest, and so is everything of an unknown repository', async () => {
  const image = fresh();
  await image.pushImage('x');
  for (const reference of ['none', digestOf('none')]) {
    for (const method of ['GET', 'DELETE']) {
      const response = await image.call(method, `manifests/${reference}`);
      expect([response.status, await image.errorOf(response)]).toEqual([404, 'MANIFEST_UNKNOWN']);
    }
  }
  const nowhere = await new Image(server(), 'nobody/knows').call('GET', 'manifests/x');
  expect([nowhere.status, await image.errorOf(nowhere)]).toEqual([404, 'NAME_UNKNOWN']);
});

describe('deleting', () => {
  test('a tag takes that tag alone', async () => {
    const image = fresh();
    const { digest } = await image.pushImage('one');
    await image.ok(201, 'PUT', 'manifests/two', {
      body: await (await image.ok(200, 'GET', 'manifests/one')).bytes(),
      headers: { 'content-type': IMAGE },
    });
    await image.ok(202, 'DELETE', 'manifests/one');
    expect((await image.call('HEAD', 'manifests/one')).status).toBe(404);
    await image.ok(200, 'HEAD', 'manifests/two');
    await image.ok(200, 'HEAD', `manifests/${digest}`);
  });

  test('a manifest takes all tags that point at it, and no other', async () => {
    const image = fresh();
    const { digest } = await image.pushImage('one');
    const body = await (await image.ok(200, 'GET', 'manifests/one')).bytes();
    await image.ok(201, 'PUT', 'manifests/two', { body, headers: { 'content-type': IMAGE } });
    await image.pushImage('other');
    await image.ok(202, 'DELETE', `manifests/${digest}`);
    for (const gone of ['one', 'two', digest]) expect((await image.call('HEAD', `manifests/${gone}`)).status).toBe(404);
    expect(await (await image.ok(200, 'GET', 'tags/list')).json()).toEqual({ name: image.name, tags: ['other'] });
  });
});
