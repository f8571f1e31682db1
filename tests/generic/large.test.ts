import { expect, test } from 'bun:test';
import { bearer, putFile } from '../support/api.ts';
import { useServer } from '../support/use-server.ts';

const server = useServer();

/** One byte more than 5 GiB: past every 32-bit limit, and past what S3 takes in one request. */
const SIZE = 5 * 2 ** 30 + 1;

function zeros(): ReadableStream<Uint8Array> {
  const chunk = new Uint8Array(1 << 20);
  let left = SIZE;
  return new ReadableStream({
    pull(controller) {
      const size = Math.min(left, chunk.length);
      controller.enqueue(size === chunk.length ? chunk : chunk.subarray(0, size));
      left -= size;
      if (left === 0) controller.close();
    },
  });
}

test('a file of more than 5 GiB goes in and comes out whole, in parts too', async () => {
  const url = `${server().url}/repo/generic/large/p/1/zeros`;
  const response = await putFile(server(), 'large/p/1/zeros', zeros());
  expect(response.status).toBe(201);
  await response.arrayBuffer();

  const head = await fetch(url, { method: 'HEAD' });
  expect(head.headers.get('content-length')).toBe(String(SIZE));

  const end = await fetch(url, { headers: { range: `bytes=${SIZE - 3}-` } });
  expect(end.status).toBe(206);
  expect(end.headers.get('content-range')).toBe(`bytes ${SIZE - 3}-${SIZE - 1}/${SIZE}`);
  expect(await end.bytes()).toEqual(new Uint8Array(3));

  const whole = await fetch(url);
  const hasher = new Bun.CryptoHasher('sha256');
  let received = 0;
  for await (const chunk of whole.body ?? []) {
    hasher.update(chunk);
    received += chunk.byteLength;
  }
  expect(received).toBe(SIZE);
  expect(whole.headers.get('etag')).toBe(`"${hasher.digest('hex')}"`);

  const removed = await fetch(url, { method: 'DELETE', headers: bearer(server().adminToken) });
  expect(removed.ok).toBe(true);
}, 600_000);
