import { beforeAll, describe, expect, test } from 'bun:test';
import { createRepository } from '../../support/api.ts';
import { ON_S3 } from '../../support/test-storage.ts';
import { useServer } from '../../support/use-server.ts';
import { ALGORITHMS, digestOf, freshName, IMAGE, Image, someBytes } from '../protocol.ts';
import { expectError } from './uploading.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('reading'));

describe.each(ALGORITHMS)('a blob of 2048 bytes with a %s', (algorithm) => {
  const bytes = someBytes(2048);
  const digest = digestOf(bytes, algorithm);
  let image: Image;
  beforeAll(async () => {
    image = fresh();
    await image.pushBlob(bytes, algorithm);
  });
  const get = (headers: Readonly<Record<string, string>>, method = 'GET') =>
    image.call(method, `blobs/${digest}`, { headers });

  /** That an answer has these bytes of it and says so. */
  async function expectPart(response: Response, start: number, end: number): Promise<void> {
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/2048`);
    expect(response.headers.get('content-length')).toBe(String(end - start));
    expect(response.headers.get('docker-content-digest')).toBe(digest);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(start, end))).toBe(true);
  }

  async function expectWhole(response: Response): Promise<void> {
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('2048');
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  }

  test.each([
    ['500-1499', 500, 1500],
    ['500-', 500, 2048],
    ['-500', 1548, 2048],
    ['2000-5000', 2000, 2048],
    ['0-0', 0, 1],
    ['0-', 0, 2048],
    ['2047-2047', 2047, 2048],
    ['-1', 2047, 2048],
    ['-99999999999999999999', 0, 2048],
    ['0-99999999999999999999', 0, 2048],
  ])('gives the range %s', async (range, start, end) => {
    await expectPart(await get({ range: `bytes=${range}` }), start, end);
  });

  test.each(['500-0', '5000-10000', '2048-', '2048-2048', '-0', '99999999999999999999-'])(
    'has nothing at the range %s: 416 with its size',
    async (range) => {
      const response = await get({ range: `bytes=${range}` });
      expect(response.status).toBe(416);
      expect(response.headers.get('content-range')).toBe('bytes */2048');
    },
  );

  test.each(['bytes=0-1,5-9', 'bytes=', 'bytes=-', 'bytes=a-b', 'lines=0-5', 'bytes 0-5', 'x'])(
    'comes whole where the range is %p, which nobody has to understand',
    async (range) => {
      await expectWhole(await get({ range }));
    },
  );

  test('gives a part only to who has the rest of the same bytes', async () => {
    await expectPart(await get({ range: 'bytes=2000-', 'if-range': `"${digest}"` }), 2000, 2048);
    for (const other of [`W/"${digest}"`, '"another"', 'Mon, 01 Jan 2001 00:00:00 GMT'])
      await expectWhole(await get({ range: 'bytes=2000-', 'if-range': other }));
  });

  test('goes on where a pull broke off, and can be pulled in parts side by side', async () => {
    const parts = await Promise.all(
      [0, 512, 1024, 1536].map(async (start) => (await get({ range: `bytes=${start}-${start + 511}` })).arrayBuffer()),
    );
    expect(Buffer.concat(parts.map((part) => Buffer.from(part))).equals(bytes)).toBe(true);
  });

  test('is not sent to who has it, in each way to say so', async () => {
    for (const etag of [`"${digest}"`, `W/"${digest}"`, `"x", "${digest}"`, '*']) {
      for (const method of ['GET', 'HEAD']) {
        const response = await get({ 'if-none-match': etag }, method);
        expect(response.status).toBe(304);
        expect(response.headers.get('etag')).toBe(`"${digest}"`);
        expect(response.headers.get('docker-content-digest')).toBe(digest);
        expect(await response.text()).toBe('');
      }
    }
    for (const other of [`${digest}x`, '""', `"${digestOf('other', algorithm)}"`])
      await expectWhole(await get({ 'if-none-match': other }));
  });

  test('is whole for HEAD, whatever range is asked for: ranges are for GET', async () => {
    for (const range of ['bytes=0-5', 'bytes=5000-', 'bytes=x']) {
      const head = await get({ range }, 'HEAD');
      expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '2048', '']);
    }
  });

  test('is sent as it is, whatever coding and type the client would like', async () => {
    for (const coding of ['gzip', 'zstd, gzip, deflate', 'br;q=1.0', '*', 'identity;q=0']) {
      const response = await get({ 'accept-encoding': coding, accept: 'application/json' });
      expect(response.headers.get('content-encoding')).toBeNull();
      expect(response.headers.get('content-type')).toBe('application/octet-stream');
      await expectWhole(response);
    }
  });

  test('is found by its digest with an encoded colon, and with a host for mirrors that is left aside', async () => {
    for (const path of [`blobs/${encodeURIComponent(digest)}`, `blobs/${digest}?ns=docker.io`]) {
      const response = await image.call('GET', path);
      expect(response.headers.get('oci-namespace')).toBeNull();
      await expectWhole(response);
    }
  });
});

test('an empty blob has no bytes and no ranges', async () => {
  const image = fresh();
  const digest = await image.pushBlob('');
  const response = await image.ok(200, 'GET', `blobs/${digest}`);
  expect([response.headers.get('content-length'), await response.text()]).toEqual(['0', '']);
  const part = await image.call('GET', `blobs/${digest}`, { headers: { range: 'bytes=0-5' } });
  expect([part.status, part.headers.get('content-range')]).toEqual([416, 'bytes */0']);
});

test('a blob is of its image: another one of the same repository does not have it', async () => {
  const digest = await fresh().pushBlob(someBytes(64));
  const other = fresh();
  await other.pushBlob('its own');
  await expectError(await other.call('GET', `blobs/${digest}`), 404, 'BLOB_UNKNOWN');
});

test('a manifest is not a blob, and a blob is not a manifest', async () => {
  const image = fresh();
  const { digest } = await image.pushImage('x');
  const blob = await image.pushBlob('{}');
  await expectError(await image.call('GET', `blobs/${digest}`), 404, 'BLOB_UNKNOWN');
  await expectError(await image.call('GET', `manifests/${blob}`), 404, 'MANIFEST_UNKNOWN');
});

if (ON_S3) {
  test('with the bytes in an object store, GET of a large blob can lead there; HEAD and manifests never do', async () => {
    await createRepository(server(), 'oci/redirected', { downloads: 'redirect' });
    const image = new Image(server(), 'redirected/image');
    const bytes = someBytes(200_000);
    for (const algorithm of ALGORITHMS) {
      const digest = await image.pushBlob(bytes, algorithm);
      const head = await image.ok(200, 'HEAD', `blobs/${digest}`);
      expect(head.headers.get('content-length')).toBe('200000');
      for (const range of [undefined, 'bytes=100-199']) {
        const headers: Record<string, string> = range === undefined ? {} : { range };
        const response = await image.ok(307, 'GET', `blobs/${digest}`, { headers });
        const there = await fetch(response.headers.get('location') ?? '', { headers });
        expect(there.status).toBe(range === undefined ? 200 : 206);
        const [start, end] = range === undefined ? [0, 200_000] : [100, 200];
        expect(Buffer.from(await there.arrayBuffer()).equals(bytes.subarray(start, end))).toBe(true);
      }
    }
    const manifest = await image.makeImage({ annotations: { long: 'x'.repeat(100_000) } });
    await image.pushManifest('large', manifest, IMAGE);
    const response = await image.ok(200, 'GET', 'manifests/large');
    expect(response.headers.get('docker-content-digest')).toBe(digestOf(manifest));
  });
}
