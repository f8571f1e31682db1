import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  type BlobSource,
  type PullBlobOptions,
  type PushBlobOptions,
  RegistryClient,
  type RegistryError,
} from '../../src/client/index.ts';
import { type Exchange, LyingRegistry } from '../support/lying-registry.ts';

const BYTES = new Uint8Array(3_000_000).map((_, index) => index * 31);
const WAITED: number[] = [];

let registry: LyingRegistry;
beforeEach(async () => {
  registry = await LyingRegistry.start();
  WAITED.length = 0;
});
afterEach(() => registry[Symbol.asyncDispose]());

function repository() {
  const sleep = async (milliseconds: number) => void WAITED.push(milliseconds);
  return new RegistryClient(registry.url, { sleep, timeout: 1000 }).repository('a/b');
}

/** Reads to the end, or to the error. */
async function pull(digest: string, options?: PullBlobOptions) {
  const parts: Uint8Array[] = [];
  let error: RegistryError | undefined;
  try {
    const reader = (await repository().pullBlob(digest, options)).stream.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value);
  } catch (thrown) {
    error = thrown as RegistryError;
  }
  return { bytes: new Uint8Array(Buffer.concat(parts)), error };
}

async function push(source: BlobSource, options: PushBlobOptions = {}) {
  try {
    return { pushed: await repository().pushBlob(source, { skipExisting: false, ...options }) };
  } catch (thrown) {
    return { error: thrown as RegistryError };
  }
}

/** Begins an honest answer and breaks off after some bytes of it. */
function cut({ response }: Exchange, after: number): void {
  response.writeHead(200, { 'content-length': BYTES.byteLength });
  response.write(BYTES.subarray(0, after), () => response.destroy());
}

const uploadId = (path: string) => /uploads\/([^?]*)/.exec(path)?.[1] ?? '';

describe('a pull', () => {
  test('goes on where the connection broke', async () => {
    const digest = registry.keep(BYTES);
    // Breaks off only when what was sent has arrived.
    const arrived = Promise.withResolvers<void>();
    registry.lie = async ({ response, count }, next) => {
      if (count > 1) return next();
      response.writeHead(200, { 'content-length': BYTES.byteLength }).write(BYTES.subarray(0, 1_000_000));
      await arrived.promise;
      response.destroy();
    };
    const onProgress = (received: number) => {
      if (received === 1_000_000) arrived.resolve();
    };
    expect(await pull(digest, { onProgress })).toEqual({ bytes: BYTES, error: undefined });
    expect(registry.seen).toHaveLength(2);
    expect(registry.seen[1]?.headers.range).toBe('bytes=1000000-');
  });

  test('drops what it has had from a registry that knows no ranges', async () => {
    const digest = registry.keep(BYTES);
    registry.lie = (exchange, next) => {
      exchange.request.headers.range = undefined;
      return exchange.count > 1 ? next() : cut(exchange, 1_000_000);
    };
    expect(await pull(digest)).toEqual({ bytes: BYTES, error: undefined });
  });

  test('goes on when nothing comes any more', async () => {
    const digest = registry.keep(BYTES);
    registry.lie = ({ response, count }, next) => {
      if (count > 1) return next();
      response.writeHead(200, { 'content-length': BYTES.byteLength });
      response.write(BYTES.subarray(0, 1000));
    };
    expect(await pull(digest)).toEqual({ bytes: BYTES, error: undefined });
  });

  test('ends at some time when the connection breaks again and again', async () => {
    const digest = registry.keep(BYTES);
    registry.lie = (exchange) => cut(exchange, 100);
    const { error } = await pull(digest);
    expect(error).toMatchObject({ name: 'RegistryConnectionError', isTransient: true });
    expect(registry.seen).toHaveLength(5);
  });

  test('of other bytes ends with an error in place of its last piece', async () => {
    const digest = registry.keep(BYTES);
    const wrong = BYTES.with(5, 99);
    registry.lie = ({ response }) => void response.writeHead(200, { 'content-length': wrong.byteLength }).end(wrong);
    const { bytes, error } = await pull(digest);
    expect(error).toMatchObject({ name: 'RegistryDigestError', expected: digest });
    expect(bytes.byteLength).toBeLessThan(BYTES.byteLength);
    expect(registry.seen).toHaveLength(1);
  });

  test('never gives more than was promised', async () => {
    const digest = registry.keep(BYTES);
    registry.lie = ({ response }) => {
      response.writeHead(200);
      response.write(BYTES);
      response.end('and more');
    };
    const { bytes, error } = await pull(digest, { size: BYTES.byteLength });
    expect(error).toMatchObject({ name: 'RegistryDigestError' });
    expect(bytes.byteLength).toBeLessThanOrEqual(BYTES.byteLength);
  });

  test('of another size than promised does not begin', async () => {
    const digest = registry.keep(BYTES);
    const { error } = await pull(digest, { size: 10 });
    expect(error).toMatchObject({ name: 'RegistryDigestError', expected: '10 bytes', got: '3000000 bytes' });
  });

  test('asks for the size where the answer does not say it', async () => {
    const digest = registry.keep(BYTES);
    registry.lie = ({ request, response, count }, next) => {
      if (request.method === 'HEAD' || count > 1) return next();
      response.writeHead(200).write(BYTES.subarray(0, 1_000_000));
      response.end();
    };
    // An answer that ends too early, and looks whole.
    expect(await pull(digest)).toEqual({ bytes: BYTES, error: undefined });
    expect(registry.seen.map(({ method, headers }) => headers.range ?? method)).toEqual([
      'GET',
      'HEAD',
      'bytes=1000000-',
    ]);
  });

  test('checks the digest also where the registry says no size', async () => {
    const digest = registry.keep(BYTES);
    registry.lie = ({ response }) => void response.writeHead(200).end(BYTES.subarray(1));
    expect((await pull(digest)).error).toMatchObject({ name: 'RegistryDigestError' });
  });

  test('goes on at the right place only', async () => {
    const digest = registry.keep(BYTES);
    registry.lie = (exchange) => {
      if (exchange.count === 1) return cut(exchange, 1_000_000);
      const range = `bytes 999999-2999999/${BYTES.byteLength}`;
      exchange.response.writeHead(206, { 'content-range': range }).end(BYTES.subarray(999_999));
    };
    expect((await pull(digest)).error?.message).toContain('at another place than asked for');
  });

  test('that nobody reads on gives the connection back', async () => {
    const digest = registry.keep(BYTES);
    const closed = Promise.withResolvers<void>();
    registry.lie = ({ response }) => {
      response.on('close', () => closed.resolve());
      response.writeHead(200, { 'content-length': BYTES.byteLength }).write(BYTES.subarray(0, 1000));
    };
    const { stream } = await repository().pullBlob(digest);
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    await closed.promise;
  });

  test('ends when its caller cancels', async () => {
    const digest = registry.keep(BYTES);
    const controller = new AbortController();
    registry.lie = ({ response }) => {
      response.writeHead(200, { 'content-length': BYTES.byteLength });
      response.write(BYTES.subarray(0, 1000), () => controller.abort());
    };
    expect((await pull(digest, { signal: controller.signal })).error).toMatchObject({ code: 'cancelled' });
    expect(registry.seen).toHaveLength(1);
  });
});

describe('a busy registry', () => {
  test('is asked again, later each time', async () => {
    const digest = registry.keep(BYTES);
    const statuses = [502, 503, 504];
    registry.lie = ({ response, count }, next) => {
      const status = statuses[count - 1];
      return status === undefined ? next() : void response.writeHead(status).end();
    };
    expect((await pull(digest)).error).toBeUndefined();
    expect(WAITED).toHaveLength(3);
    for (const [index, longest] of [250, 500, 1000].entries()) {
      expect(WAITED[index]).toBeLessThanOrEqual(longest);
      expect(WAITED[index]).toBeGreaterThanOrEqual(longest / 2);
    }
  });

  test('says itself how long to wait, in seconds or by a date', async () => {
    const digest = registry.keep(BYTES);
    const answers = ['7', new Date(Date.now() + 30_000).toUTCString()];
    registry.lie = ({ response, count }, next) => {
      const answer = answers[count - 1];
      return answer === undefined ? next() : void response.writeHead(429, { 'retry-after': answer }).end();
    };
    expect((await pull(digest)).error).toBeUndefined();
    expect(WAITED[0]).toBe(7000);
    expect(WAITED[1]).toBeGreaterThan(20_000);
    expect(WAITED[1]).toBeLessThanOrEqual(30_000);
  });

  test('is left alone when it wants that for long', async () => {
    const digest = registry.keep(BYTES);
    registry.lie = ({ response }) => void response.writeHead(429, { 'retry-after': '3600' }).end();
    expect((await pull(digest)).error).toMatchObject({ status: 429, retryAfter: 3600 });
    expect(registry.seen).toHaveLength(1);
  });

  test('is not asked again after a plain no', async () => {
    for (const status of [400, 403, 404, 405, 500, 501]) {
      registry.seen.length = 0;
      registry.lie = ({ response }) => void response.writeHead(status).end('<html>');
      const { error } = await pull(registry.keep(BYTES));
      expect(error).toMatchObject({ status, code: 'refused' });
      expect(registry.seen).toHaveLength(1);
    }
  });
});

describe('a push', () => {
  const START = 'POST /v2/a/b/blobs/uploads/';
  const PUT = 'PUT /v2/a/b/blobs/uploads/ID?digest=sha256';
  const PATCH = 'PATCH /v2/a/b/blobs/uploads/ID';
  const STATUS = 'GET /v2/a/b/blobs/uploads/ID';
  const CANCEL = 'DELETE /v2/a/b/blobs/uploads/ID';
  const HEAD = 'HEAD /v2/a/b/blobs/sha256';
  const ranges = () => registry.seen.map(({ headers }) => headers['content-range']).filter((range) => range);

  test('sends a blob in one request, with its length', async () => {
    const { pushed } = await push(new Blob([BYTES]));
    expect(pushed).toEqual({ digest: registry.keep(BYTES), size: 3_000_000, result: 'uploaded' });
    expect(registry.requests).toEqual([START, PUT]);
    expect(registry.seen[1]?.headers).toMatchObject({ 'content-length': '3000000' });
    expect(registry.seen[1]?.headers['transfer-encoding']).toBeUndefined();
  });

  test('that breaks off goes on where the registry stands', async () => {
    registry.lie = async ({ request, path, count }, next) => {
      if (request.method !== 'PUT' || count > 1) return next();
      await registry.take(request, uploadId(path), 1_000_000);
      request.socket.destroy();
    };
    expect((await push(new Blob([BYTES]))).pushed?.size).toBe(3_000_000);
    expect(registry.requests).toEqual([START, PUT, HEAD, STATUS, PUT]);
    expect(ranges()).toEqual(['1000000-2999999']);
  });

  test('in pieces goes on within a piece', async () => {
    registry.lie = async ({ request, path, count }, next) => {
      if (request.method !== 'PATCH' || count !== 2) return next();
      await registry.take(request, uploadId(path), 100_000);
      request.socket.destroy();
    };
    // Even of what can be read once only.
    const { pushed } = await push(new Blob([BYTES]).stream(), { chunkSize: 1_000_000 });
    expect(pushed?.digest).toBe(registry.keep(BYTES));
    expect(ranges()).toEqual(['0-999999', '1000000-1999999', '1100000-1999999', '2000000-2999999']);
    expect(registry.uploads.size).toBe(0);
  });

  test('goes where the registry says that it stands when it refuses a piece', async () => {
    registry.lie = async ({ request, response, path, count }, next) => {
      if (request.method !== 'PATCH' || count !== 1) return next();
      // Takes half of it, and says nothing but 416.
      await registry.take(request, uploadId(path), 500_000);
      response.writeHead(416, { location: path, range: '0-499999' }).end();
    };
    expect((await push(BYTES, { chunkSize: 1_000_000 })).pushed?.digest).toBe(registry.keep(BYTES));
    expect(ranges().slice(0, 2)).toEqual(['0-999999', '500000-999999']);
  });

  test('begins anew when the registry mixes what came before and after a break', async () => {
    let late: Uint8Array | undefined;
    registry.lie = async ({ request, path, count }, next) => {
      // What the broken request brought gets into the upload only after the registry was asked how far it is.
      if (request.method === 'PUT' && count === 1) {
        await registry.take(request, uploadId(path), 500_000);
        late = BYTES.subarray(500_000, 600_000);
        return void request.socket.destroy();
      }
      if (request.method === 'PUT' && late !== undefined) {
        const before = registry.uploads.get(uploadId(path)) ?? Buffer.alloc(0);
        registry.uploads.set(uploadId(path), Buffer.concat([before, late]));
        late = undefined;
        // And it does not look where this one begins.
        request.headers['content-range'] = undefined;
      }
      await next();
    };
    expect((await push(new Blob([BYTES]))).pushed?.size).toBe(3_000_000);
    expect(registry.requests).toEqual([START, PUT, HEAD, STATUS, PUT, HEAD, CANCEL, START, PUT]);
  });

  test('begins anew when the registry has forgotten it', async () => {
    registry.lie = ({ request, count }, next) => {
      if (request.method === 'PATCH' && count === 2) registry.uploads.clear();
      return next();
    };
    expect((await push(new Blob([BYTES]), { chunkSize: 1_000_000 })).pushed?.size).toBe(3_000_000);
    expect(registry.requests.slice(0, 8)).toEqual([START, PATCH, PATCH, HEAD, STATUS, CANCEL, START, PATCH]);
  });

  test('whose answer was lost is done', async () => {
    registry.lie = async ({ request, response }, next) => {
      if (request.method !== 'PUT') return next();
      response.writeHead = () => {
        request.socket.destroy();
        return response;
      };
      await next();
    };
    expect((await push(new Blob([BYTES]))).pushed?.size).toBe(3_000_000);
    expect(registry.requests).toEqual([START, PUT, HEAD, CANCEL]);
  });

  test('takes larger pieces where the registry wants them', async () => {
    registry.lie = async ({ request, response }, next) => {
      if (request.method === 'POST') response.setHeader('oci-chunk-min-length', '2000000');
      await next();
    };
    await push(BYTES, { chunkSize: 1000 });
    expect(ranges()).toEqual(['0-1999999', '2000000-2999999']);
  });

  test('follows the addresses that the registry gives, with all that is in them', async () => {
    const queries: string[] = [];
    registry.lie = async ({ path }, next) => {
      queries.push(new URL(path, registry.url).search.replace(/%3A[0-9a-f]+$/, ''));
      registry.locationEnd = `?_state=a%2Bb+${queries.length}`;
      await next();
    };
    expect((await push(BYTES, { chunkSize: 2_000_000 })).pushed?.size).toBe(3_000_000);
    expect(queries).toEqual(['', '?_state=a%2Bb+1', '?_state=a%2Bb+2', '?_state=a%2Bb+3&digest=sha256']);
  });

  test.each([
    ['other bytes', () => new Blob([BYTES.with(0, 1)]), undefined],
    ['fewer bytes', () => [BYTES.subarray(1)], 3_000_000],
    ['more bytes', () => [BYTES, BYTES.subarray(0, 1)], 3_000_000],
  ])('of %s than announced is cancelled', async (_what, source, size) => {
    const digest = registry.keep(BYTES);
    registry.blobs.clear();
    for (const chunkSize of [undefined, 1_000_000]) {
      const { error } = await push(source(), { digest, size, chunkSize });
      expect(error).toMatchObject({ name: 'RegistryDigestError' });
      expect(registry.requests).toContain(CANCEL);
      registry.seen.length = 0;
    }
    expect(registry.blobs.size).toBe(0);
    expect(registry.uploads.size).toBe(0);
  });

  test('whose source fails is cancelled, with the error of the source', async () => {
    async function* source() {
      yield BYTES.subarray(0, 1000);
      throw new Error('the disk is gone');
    }
    const { error } = await push(source(), { digest: registry.keep(BYTES), size: BYTES.byteLength });
    expect(error?.message).toBe('the disk is gone');
    expect(registry.requests).toContain(CANCEL);
  });

  test('that the registry refuses is cancelled, with the words of the registry', async () => {
    registry.lie = ({ request, response }, next) => {
      if (request.method !== 'PUT') return next();
      const errors = [{ code: 'DENIED', message: 'the quota\u001b[31m is used up', detail: { limit: 5 } }];
      response.writeHead(403).end(JSON.stringify({ errors }));
    };
    const { error } = await push(BYTES);
    expect(error).toMatchObject({
      name: 'RegistryUnauthorizedError',
      code: 'DENIED',
      status: 403,
      detail: { limit: 5 },
    });
    expect(error?.message).toStartWith('the quota [31m is used up (403 for PUT 127.0.0.1:');
    expect(registry.requests.at(-1)).toBe(CANCEL);
  });

  test('ends when its caller cancels, and is cancelled', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const { error } = await push(new Blob([BYTES]), { onProgress, chunkSize: 1_000_000, signal: controller.signal });
    expect(error).toMatchObject({ code: 'cancelled' });
    expect(registry.requests.at(-1)).toBe(CANCEL);
    expect(registry.uploads.size).toBe(0);
  });

  test('is cancelled also when the whole client ends', async () => {
    const controller = new AbortController();
    const client = new RegistryClient(registry.url, { signal: controller.signal });
    const onProgress = () => controller.abort();
    const pushed = client.repository('a/b').pushBlob(new Blob([BYTES]), { onProgress, chunkSize: 1_000_000 });
    await expect(pushed).rejects.toMatchObject({ code: 'cancelled' });
    expect(registry.uploads.size).toBe(0);
  });

  test('that waits for its next try ends at once when its caller cancels', async () => {
    const controller = new AbortController();
    registry.lie = ({ response }) => {
      controller.abort();
      response.writeHead(503, { 'retry-after': '30' }).end();
    };
    const client = new RegistryClient(registry.url, { signal: controller.signal, sleep: () => new Promise(() => {}) });
    await expect(client.ping()).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('goes back where the registry has lost what it had', async () => {
    registry.lie = async ({ request, response, path, count }, next) => {
      if (request.method !== 'PATCH' || count !== 2) return next();
      registry.uploads.set(uploadId(path), Buffer.from(BYTES.subarray(0, 10)));
      response.writeHead(416, { location: path, range: '0-9' }).end();
    };
    expect((await push(new Blob([BYTES]), { chunkSize: 1_000_000 })).pushed?.size).toBe(3_000_000);
    expect(ranges().slice(0, 3)).toEqual(['0-999999', '1000000-1999999', '10-1000009']);
  });

  test('that breaks off again and again ends at some time', async () => {
    registry.lie = ({ request }, next) => (request.method === 'PUT' ? void request.socket.destroy() : next());
    const { error } = await push(BYTES);
    expect(error).toMatchObject({ name: 'RegistryConnectionError', isTransient: true });
    expect(registry.requests.filter((line) => line.startsWith('PUT'))).toHaveLength(5);
    expect(registry.requests.at(-1)).toBe(CANCEL);
  });
});
