import { beforeAll, describe, expect, test } from 'bun:test';
import { useServer } from '../support/use-server.ts';
import { ALGORITHMS, digestOf, freshName, Image, someBytes } from './protocol.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('blobs'));

describe.each(ALGORITHMS)('reading a blob by its %s', (algorithm) => {
  const bytes = someBytes(4000);
  let image: Image;
  let digest: string;
  beforeAll(async () => {
    image = fresh();
    digest = await image.pushBlob(bytes, algorithm);
  });

  test.each([
    ['bytes=500-1499', 500, 1500],
    ['bytes=500-', 500, 4000],
    ['bytes=-500', 3500, 4000],
    ['bytes=2000-5000', 2000, 4000],
  ] as const)('%s is a part of it', async (range, start, end) => {
    const response = await image.ok(206, 'GET', `blobs/${digest}`, { headers: { range } });
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/4000`);
    expect(response.headers.get('content-length')).toBe(String(end - start));
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(start, end))).toBe(true);
  });

  test.each(['bytes=500-0', 'bytes=5000-10000', 'bytes=4000-'])('%s names no byte of it: 416', async (range) => {
    const response = await image.ok(416, 'GET', `blobs/${digest}`, { headers: { range } });
    expect(response.headers.get('content-range')).toBe('bytes */4000');
  });

  test('has the digest as ETag, can be kept for ever, and is not sent again to who has it', async () => {
    const { headers } = await image.ok(200, 'HEAD', `blobs/${digest}`);
    expect(headers.get('etag')).toBe(`"${digest}"`);
    expect(headers.get('accept-ranges')).toBe('bytes');
    expect(headers.get('cache-control')).toContain('immutable');
    const again = await image.ok(304, 'GET', `blobs/${digest}`, { headers: { 'if-none-match': `"${digest}"` } });
    expect(await again.text()).toBe('');
  });

  test('is never compressed on the way', async () => {
    const headers = { 'accept-encoding': 'gzip, zstd, deflate' };
    const response = await image.ok(200, 'GET', `blobs/${digest}`, { headers });
    expect(response.headers.get('content-encoding')).toBeNull();
  });

  test('takes the colon encoded too', async () => {
    await image.ok(200, 'HEAD', `blobs/${encodeURIComponent(digest)}`);
  });
});

test('a blob that is not there is 404 in JSON, also where nothing is', async () => {
  const image = fresh();
  const missing = `blobs/${digestOf('missing')}`;
  const nowhere = await new Image(server(), 'nowhere/image').call('GET', missing);
  expect([nowhere.status, await image.errorOf(nowhere)]).toEqual([404, 'NAME_UNKNOWN']);
  await image.pushBlob('another');
  const response = await image.call('GET', missing);
  expect([response.status, await image.errorOf(response)]).toEqual([404, 'BLOB_UNKNOWN']);
  expect((await image.call('HEAD', missing)).status).toBe(404);
});

test('deleting a blob is done when it is answered, and takes it from this image alone', async () => {
  const image = fresh();
  const other = fresh();
  const digest = await image.pushBlob('to be deleted');
  await other.pushBlob('to be deleted');
  await image.ok(202, 'DELETE', `blobs/${digest}`);
  expect((await image.call('HEAD', `blobs/${digest}`)).status).toBe(404);
  await other.ok(200, 'HEAD', `blobs/${digest}`);
  const again = await image.call('DELETE', `blobs/${digest}`);
  expect([again.status, await image.errorOf(again)]).toEqual([404, 'BLOB_UNKNOWN']);
  // Pushed again it is there again.
  await image.pushBlob('to be deleted');
  await image.ok(200, 'HEAD', `blobs/${digest}`);
});

test('an image that has blobs and no manifest is there for who reads', async () => {
  const image = fresh();
  await image.pushBlob('alone');
  expect(await (await image.ok(200, 'GET', 'tags/list')).json()).toEqual({ name: image.name, tags: [] });
});
