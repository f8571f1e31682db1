import { afterAll, describe, expect, test } from 'bun:test';
import { PackyardClient } from './packyard-client.ts';
import { PackyardClientError } from './packyard-client-error.ts';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

const stops: (() => unknown)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

/** A server that remembers requests and gives the answers in turn, the last one for ever. */
function serverWith(...answers: (() => Response)[]) {
  const seen: Seen[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      seen.push({
        method: request.method,
        path: pathname + search,
        headers: request.headers,
        body: await request.text(),
      });
      return (answers[seen.length - 1] ?? answers.at(-1) ?? (() => Response.json({})))();
    },
  });
  stops.push(() => server.stop(true));
  return { seen, url: `http://127.0.0.1:${server.port}` };
}

async function failure(action: Promise<unknown>): Promise<PackyardClientError> {
  const error: unknown = await action.then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!(error instanceof PackyardClientError)) throw new Error(`expected a PackyardClientError, got ${error}`);
  return error;
}

const tools = { format: 'pypi', name: 'tools' };

describe('a request', () => {
  test('carries the token and asks for JSON', async () => {
    const { url, seen } = serverWith(() => Response.json({ items: [] }));
    await new PackyardClient({ url: `${url}/`, token: 'pky_1' }).repositories('pypi');
    expect(seen[0]?.path).toBe('/api/v1/repositories?format=pypi');
    expect(seen[0]?.headers.get('authorization')).toBe('Bearer pky_1');
    expect(seen[0]?.headers.get('accept')).toBe('application/json');
  });

  test('takes user and password out of the address', async () => {
    const { url, seen } = serverWith(() => Response.json({}));
    const client = new PackyardClient({ url: url.replace('http://', 'http://me:p%40ss@') });
    await client.whoami();
    expect(client.url).toBe(url);
    expect(seen[0]?.headers.get('authorization')).toBe(`Basic ${btoa('me:p@ss')}`);
  });

  test('percent-encodes names and refuses those that would change the path', async () => {
    const { url, seen } = serverWith(() => Response.json({ removed: 2, undoUntil: '2026-01-08' }));
    const client = new PackyardClient({ url });
    const removed = await client.remove(tools, { package: 'a/b', version: '1+é', file: 'x y.whl' });
    expect(removed).toEqual({ removed: 2, undoUntil: '2026-01-08' });
    expect(seen[0]?.path).toBe('/api/v1/repositories/pypi/tools/packages/a%2Fb/versions/1%2B%C3%A9/files/x%20y.whl');
    expect(() => client.package(tools, '..')).toThrow('not a name');
    expect(seen).toHaveLength(1);
  });
});

describe('an error', () => {
  test('has the status, code, message, hint and request id of the answer', async () => {
    const body = { error: { code: 'forbidden', message: 'no', hint: 'ask', requestId: 'r1' } };
    const { url } = serverWith(() => Response.json(body, { status: 403 }));
    const error = await failure(new PackyardClient({ url }).whoami());
    expect({ ...error }).toMatchObject({ status: 403, code: 'forbidden', hint: 'ask', requestId: 'r1' });
    expect(error.message).toBe('no');
  });

  test('says when the other side is not a Packyard server', async () => {
    const { url } = serverWith(() => new Response('<html>Bad gateway', { status: 502 }));
    expect(await failure(new PackyardClient({ url }).whoami())).toMatchObject({
      code: 'unexpected_answer',
      status: 502,
    });
    const ok = serverWith(() => new Response('<html>Welcome'));
    expect((await failure(new PackyardClient({ url: ok.url }).whoami())).code).toBe('unexpected_answer');
    expect(() => new PackyardClient({ url: 'localhost:8080' })).toThrow('not an http or https address');
  });
});

describe('a repetition', () => {
  test('comes twice when nobody listens, then gives up', async () => {
    const waits: number[] = [];
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
    const url = `http://127.0.0.1:${server.port}`;
    await server.stop(true);
    const sleep = async (milliseconds: number) => void waits.push(milliseconds);
    const error = await failure(new PackyardClient({ url, sleep }).whoami());
    expect(error.code).toBe('connection_failed');
    expect(error.message).toBe(`nobody answers at ${url}`);
    expect(waits).toHaveLength(2);
  });

  test('follows 503 with Retry-After, with the whole body once more', async () => {
    const waits: number[] = [];
    const busy = () => new Response('{}', { status: 503, headers: { 'retry-after': '2' } });
    const { url, seen } = serverWith(busy, () => Response.json({ ok: true }));
    const client = new PackyardClient({ url, sleep: async (milliseconds) => void waits.push(milliseconds) });
    const file = new File(['content'], 'a.txt');
    await client.upload({ provider: 'generic', repository: 'r', file });
    expect(waits).toEqual([2000]);
    expect(seen.map(({ body }) => body.includes('content'))).toEqual([true, true]);
  });

  test('does not follow a 503 without Retry-After or one that asks for too long', async () => {
    for (const headers of [new Headers(), new Headers({ 'retry-after': '3600' })]) {
      const { url, seen } = serverWith(() => new Response('{}', { status: 503, headers }));
      await failure(new PackyardClient({ url }).whoami());
      expect(seen).toHaveLength(1);
    }
  });
});

describe('an upload', () => {
  test('sends the parameters in the address and the file as the field f', async () => {
    const { url, seen } = serverWith(() => Response.json({ ok: true, result: 'created' }));
    const progress: number[] = [];
    const result = await new PackyardClient({ url }).upload({
      provider: 'apt',
      repository: 'r',
      name: 'p',
      version: '1~2',
      fields: [['dist', 'bionic']],
      file: new File(['hello'], 'a"b.deb'),
      onProgress: (sent) => progress.push(sent),
    });
    expect(result.result).toBe('created');
    expect(seen[0]?.method).toBe('POST');
    expect(seen[0]?.path).toBe('/addpkg?provider=apt&reponame=r&name=p&version=1%7E2&dist=bionic');
    expect(seen[0]?.body).toContain('name="f"; filename="a%22b.deb"\r\n');
    expect(seen[0]?.headers.get('content-length')).toBe(String(seen[0]?.body.length));
    expect(progress).toEqual([0, 5]);
  });

  test('says so when the server redirects it', async () => {
    const { url } = serverWith(() => Response.redirect('https://elsewhere.invalid/addpkg', 308));
    const upload = { provider: 'generic', repository: 'r', file: new File(['x'], 'a.txt') };
    const error = await failure(new PackyardClient({ url }).upload(upload));
    expect(error.message).toBe(`${url} sends uploads to another address`);
    expect(error.hint).toContain('https');
  });
});
