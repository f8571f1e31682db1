import { describe, expect, test } from 'bun:test';
import { putFile } from '../support/api.ts';
import { clientTest } from '../support/clients.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { sha256 } from '../support/wheel.ts';

const server = useServer();
const CONTENT = 'abcdefghijklmnopqrstuvwxyz';
const ETAG = `"${sha256(CONTENT)}"`;

async function get(headers: Record<string, string>, method = 'GET'): Promise<Response> {
  await (await putFile(server(), 'ranges/p/1/f', CONTENT)).arrayBuffer();
  return fetch(`${server().url}/repo/generic/ranges/p/1/f`, { method, headers });
}

describe('a range', () => {
  test.each([
    ['bytes=0-4', 'abcde', 'bytes 0-4/26'],
    ['bytes=5-5', 'f', 'bytes 5-5/26'],
    ['bytes=20-', 'uvwxyz', 'bytes 20-25/26'],
    ['bytes=-3', 'xyz', 'bytes 23-25/26'],
    ['bytes=20-999', 'uvwxyz', 'bytes 20-25/26'],
    ['bytes=-999', CONTENT, 'bytes 0-25/26'],
  ])('%s is answered with 206', async (range, body, contentRange) => {
    const response = await get({ range });
    expect(response.status).toBe(206);
    expect(await response.text()).toBe(body);
    expect(response.headers.get('content-range')).toBe(contentRange);
    expect(response.headers.get('content-length')).toBe(String(body.length));
    expect(response.headers.get('etag')).toBe(ETAG);
  });

  test.each(['bytes=26-', 'bytes=99-100', 'bytes=-0', 'bytes=5-2'])(
    '%s names no byte of it: 416 with the size',
    async (range) => {
      const response = await get({ range });
      expect(response.status).toBe(416);
      expect(response.headers.get('content-range')).toBe('bytes */26');
      await response.arrayBuffer();
    },
  );

  test.each(['bytes=a-b', 'lines=1-2', 'bytes', 'bytes='])('%s means nothing: the whole file', async (range) => {
    const response = await get({ range });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(CONTENT);
  });

  test('is for GET alone: HEAD tells of the whole file', async () => {
    for (const range of ['bytes=0-4', 'bytes=99-']) {
      const response = await get({ range }, 'HEAD');
      expect([response.status, response.headers.get('content-length')]).toEqual([200, '26']);
    }
  });

  test('is honoured under If-Range while the ETag is the same, else the whole file comes', async () => {
    const same = await get({ range: 'bytes=0-1', 'if-range': ETAG });
    expect([same.status, await same.text()]).toEqual([206, 'ab']);
    for (const other of ['"other"', `W/${ETAG}`]) {
      const changed = await get({ range: 'bytes=0-1', 'if-range': other });
      expect([changed.status, await changed.text()]).toEqual([200, CONTENT]);
    }
  });
});

describe('If-None-Match', () => {
  test.each([ETAG, `W/${ETAG}`, `"x", ${ETAG}`, '*'])('%s of the stored file is 304 without a body', async (tag) => {
    for (const method of ['GET', 'HEAD']) {
      const response = await get({ 'if-none-match': tag }, method);
      expect(response.status).toBe(304);
      expect(await response.text()).toBe('');
      expect(response.headers.get('etag')).toBe(ETAG);
    }
  });

  test('of another file brings the whole file', async () => {
    const response = await get({ 'if-none-match': '"other"' });
    expect([response.status, await response.text()]).toEqual([200, CONTENT]);
  });
});

clientTest('curl -C continues a broken download', 'curl', async (curl) => {
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  await (await putFile(server(), 'resume/p/1/f', bytes)).arrayBuffer();
  using folder = new TempFolder();
  await Bun.write(folder.join('f'), bytes.slice(0, 12_345));
  await curl.ok(['-sSf', '-C', '-', '-o', folder.join('f'), `${server().url}/repo/generic/resume/p/1/f`]);
  expect(sha256(await Bun.file(folder.join('f')).bytes())).toBe(sha256(bytes));
});
