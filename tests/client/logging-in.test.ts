import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { RegistryClient, type RegistryClientOptions, type RegistryError } from '../../src/client/index.ts';
import { failure } from '../support/failure.ts';
import { type Exchange, LyingRegistry } from '../support/lying-registry.ts';

const FRED = { username: 'fred', password: 'hunter2' };
const FREDS_HEADER = `Basic ${btoa('fred:hunter2')}`;
const BYTES = new TextEncoder().encode('hello');

let registry: LyingRegistry;
/** Scopes that each token was given for. */
let tokens: Map<string, readonly string[]>;
beforeEach(async () => {
  registry = await LyingRegistry.start();
  tokens = new Map();
});
afterEach(() => registry[Symbol.asyncDispose]());

function client(options: RegistryClientOptions = {}): RegistryClient {
  return new RegistryClient(registry.url, { sleep: async () => {}, ...options });
}

function refuse(exchange: Exchange, ...challenges: readonly string[]): void {
  exchange.response.writeHead(401, { 'www-authenticate': [...challenges] });
  exchange.response.end(JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'who are you?' }] }));
}

interface TokenRules {
  /** What the challenge asks for; left out, what the request needs. */
  readonly scope?: string;
  /** Ask for more than the client did, for this method. */
  readonly needed?: (method: string) => string;
  readonly lifetime?: number;
  readonly methods?: readonly string[];
}

/** A registry that wants tokens, and its token server, which wants to know fred. */
function wantTokens({ scope, needed, lifetime, methods = ['GET'] }: TokenRules = {}): void {
  registry.lie = async (exchange, next) => {
    const { request, response, path } = exchange;
    const url = new URL(path, registry.url);
    if (url.pathname === '/token') {
      const form = new URLSearchParams(await new Response(request as unknown as ReadableStream).text());
      if (!methods.includes(request.method ?? '')) return void response.writeHead(405).end();
      const isFred =
        request.headers.authorization === FREDS_HEADER ||
        form.get('password') === 'hunter2' ||
        form.get('refresh_token') === 'refresh';
      if (!isFred && (request.headers.authorization !== undefined || form.size > 0)) {
        return void response.writeHead(401).end(JSON.stringify({ details: 'incorrect username or password hunter3' }));
      }
      const scopes = [...url.searchParams.getAll('scope'), ...(form.get('scope')?.split(' ') ?? [])];
      const token = `token-${tokens.size + 1}`;
      tokens.set(token, scopes);
      return void response.end(JSON.stringify({ token, expires_in: lifetime }));
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const wanted = needed?.(request.method ?? '') ?? `repository:a/b:${isRead ? 'pull' : 'pull,push'}`;
    const held = tokens.get((request.headers.authorization ?? '').replace('Bearer ', ''));
    if (held?.some((entry) => allows(entry, wanted))) return next();
    const error = held ? ',error="insufficient_scope"' : '';
    refuse(exchange, `Bearer realm="${registry.url}/token",service="the, registry",scope="${scope ?? wanted}"${error}`);
  };
}

function allows(held: string, wanted: string): boolean {
  const split = (scope: string) => [scope.replace(/:[^:]*$/, ''), scope.replace(/.*:/, '').split(',')] as const;
  const [[resource, granted], [wantedResource, actions]] = [split(held), split(wanted)];
  return resource === wantedResource && actions.every((action) => granted.includes(action));
}

const asked = () =>
  registry.seen
    .filter(({ path }) => path.startsWith('/token'))
    .map(({ method, path }) => `${method} ${decodeURIComponent(path)}`);

describe('logging in by token', () => {
  test('asks for what is needed, once', async () => {
    wantTokens();
    const digest = registry.keep(BYTES);
    const repository = client({ credentials: FRED }).repository('a/b');
    for (let time = 0; time < 3; time += 1) await repository.statBlob(digest);
    expect(asked()).toEqual([
      'GET /token?service=the,+registry&scope=repository:a/b:pull&client_id=packyard&account=fred',
    ]);
    await repository.pushBlob(BYTES, { skipExisting: false });
    expect(asked()).toHaveLength(2);
    // The wider one is good for less as well.
    await repository.statBlob(digest);
    expect(asked()).toHaveLength(2);
  });

  test('asks once for many that wait', async () => {
    wantTokens();
    const digest = registry.keep(BYTES);
    const repository = client().repository('a/b');
    await Promise.all(Array.from({ length: 5 }, () => repository.statBlob(digest)));
    expect(asked()).toHaveLength(1);
  });

  test('is anonymous without credentials', async () => {
    wantTokens();
    await client().repository('a/b').pullBlob(registry.keep(BYTES));
    expect(registry.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined, 'Bearer token-1']);
  });

  test('asks for more where the registry wants more than the client thought', async () => {
    wantTokens({ needed: (method) => (method === 'DELETE' ? 'repository:a/b:pull,delete,*' : 'repository:a/b:pull') });
    const digest = registry.keep(BYTES);
    const repository = client({ credentials: FRED }).repository('a/b');
    await repository.statBlob(digest);
    await repository.deleteBlob(digest);
    expect(registry.blobs.size).toBe(0);
    expect(asked().at(-1)).toContain('scope=repository:a/b:pull,delete,*&');
  });

  test('gives up where every token is too little', async () => {
    wantTokens({ scope: 'repository:a/b:pull', needed: () => 'nobody gets this' });
    const error = await failure<RegistryError>(
      client({ credentials: FRED }).repository('a/b').statBlob(registry.keep(BYTES)),
    );
    expect(error).toMatchObject({ name: 'RegistryUnauthorizedError', status: 401 });
    expect(asked()).toHaveLength(2);
  });

  test('gets a new token when the registry takes the old one no longer', async () => {
    wantTokens();
    const digest = registry.keep(BYTES);
    const repository = client({ credentials: FRED }).repository('a/b');
    await repository.statBlob(digest);
    tokens.set('token-1', []);
    await repository.statBlob(digest);
    expect(asked()).toHaveLength(2);
  });

  test('gets a new token in the middle of an upload, of what can be read twice', async () => {
    wantTokens();
    const honest = registry.lie;
    let runsOut = true;
    registry.lie = (exchange, next) => {
      // Without reading what is sent, as servers do.
      if (exchange.request.method === 'PUT' && runsOut) for (const token of tokens.keys()) tokens.set(token, []);
      if (exchange.request.method === 'PUT') runsOut = false;
      return honest(exchange, next);
    };
    const repository = client({ credentials: FRED }).repository('a/b');
    const big = new Blob([new Uint8Array(3_000_000)]);
    expect((await repository.pushBlob(big)).result).toBe('uploaded');
    expect(registry.blobs.size).toBe(1);
    expect(registry.uploads.size).toBe(0);
    registry.blobs.clear();
    runsOut = true;
    const once = { digest: registry.keep(new Uint8Array(3_000_000)), size: 3_000_000, skipExisting: false };
    registry.blobs.clear();
    const error = await failure<RegistryError>(repository.pushBlob(big.stream(), once));
    expect(error).toMatchObject({ name: 'RegistryConnectionError', isTransient: true });
    expect(registry.uploads.size).toBe(0);
  });

  test('says that user name and password are wrong, and shows neither', async () => {
    wantTokens();
    const credentials = { username: 'fred', password: 'hunter3' };
    const error = await failure<RegistryError>(
      client({ credentials }).repository('a/b').statBlob(registry.keep(BYTES)),
    );
    expect(error).toMatchObject({ name: 'RegistryUnauthorizedError', status: 401 });
    expect(error.message).toMatch(/^incorrect username or password \*\*\* \(401 for GET 127.0.0.1:\d+\/token\)$/);
  });

  test('posts where the token server takes no GET', async () => {
    wantTokens({ methods: ['POST'] });
    await client({ credentials: FRED }).repository('a/b').statBlob(registry.keep(BYTES));
    expect(asked().map((line) => line.split('?')[0])).toEqual(['GET /token', 'POST /token']);
  });

  test('posts an identity token', async () => {
    wantTokens({ methods: ['POST'] });
    await client({ credentials: { identityToken: 'refresh' } })
      .repository('a/b')
      .statBlob(registry.keep(BYTES));
    expect(asked()).toEqual(['POST /token']);
  });

  test('has patience with the token server', async () => {
    wantTokens();
    const honest = registry.lie;
    let isBusy = true;
    registry.lie = (exchange, next) => {
      if (!exchange.path.startsWith('/token') || !isBusy) return honest(exchange, next);
      isBusy = false;
      exchange.response.writeHead(503).end();
    };
    await client().repository('a/b').statBlob(registry.keep(BYTES));
    expect(asked()).toHaveLength(2);
  });

  test('gives up on a token server as soon as it was asked often enough', async () => {
    wantTokens();
    const honest = registry.lie;
    registry.lie = (exchange, next) => {
      if (!exchange.path.startsWith('/token')) return honest(exchange, next);
      exchange.response.writeHead(503).end();
    };
    const stat = client({ attempts: 3 }).repository('a/b').statBlob(registry.keep(BYTES));
    expect(await failure(stat)).toMatchObject({ status: 503, isTransient: true });
    expect(asked()).toHaveLength(3);
  });

  test('uploads where it may not read the repository to mount from', async () => {
    wantTokens();
    const honest = registry.lie;
    registry.lie = (exchange, next) => {
      if (!exchange.path.includes('c%2Fd')) return honest(exchange, next);
      if (exchange.path.startsWith('/token')) return void exchange.response.writeHead(403).end();
      refuse(exchange, `Bearer realm="${registry.url}/token"`);
    };
    const { result } = await client({ credentials: FRED }).repository('a/b').pushBlob(BYTES, { mountFrom: 'c/d' });
    expect(result).toBe('uploaded');
  });

  test('mounts with the right to read the other repository', async () => {
    wantTokens();
    await client({ credentials: FRED }).repository('a/b').mountBlob(registry.keep(BYTES), 'c/d');
    expect(asked()[0]).toContain('scope=repository:a/b:pull,push&scope=repository:c/d:pull&');
  });

  test('is refused where there is no telling how', async () => {
    registry.lie = (exchange) => refuse(exchange, 'Bearer service="x"');
    const error = await failure<RegistryError>(client({ credentials: FRED }).ping());
    expect(error).toMatchObject({ code: 'unexpected_answer' });
  });
});

describe('logging in without tokens', () => {
  test('shows user name and password when they are asked for, and from then on at once', async () => {
    registry.lie = (exchange, next) =>
      exchange.request.headers.authorization === FREDS_HEADER
        ? next()
        : refuse(exchange, 'Negotiate', 'Basic realm="a, b"');
    const repository = client({ credentials: FRED }).repository('a/b');
    const digest = registry.keep(BYTES);
    for (let time = 0; time < 2; time += 1) await repository.statBlob(digest);
    expect(registry.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, FREDS_HEADER, FREDS_HEADER]);
  });

  test('shows a ready-made Bearer header at once', async () => {
    registry.lie = (exchange, next) =>
      exchange.request.headers.authorization === 'Bearer pky_1'
        ? next()
        : refuse(exchange, `Bearer realm="${registry.url}/token"`);
    const digest = registry.keep(BYTES);
    await client({ credentials: { authorization: 'Bearer pky_1' } })
      .repository('a/b')
      .statBlob(digest);
    expect(registry.seen).toHaveLength(1);
    const wrong = client({ credentials: { authorization: 'Bearer pky_2' } }).repository('a/b');
    expect((await failure<RegistryError>(wrong.statBlob(digest))).status).toBe(401);
    // It is no password: nobody else is shown it.
    expect(registry.seen).toHaveLength(2);
  });

  test('asks a source once, by the host', async () => {
    registry.lie = (exchange, next) =>
      exchange.request.headers.authorization === FREDS_HEADER ? next() : refuse(exchange, 'Basic realm="x"');
    const hosts: string[] = [];
    const credentials = async (host: string) => {
      hosts.push(host);
      return FRED;
    };
    const repository = client({ credentials }).repository('a/b');
    await repository.statBlob(registry.keep(BYTES));
    await repository.statBlob(registry.keep(BYTES));
    expect(hosts).toEqual([new URL(registry.url).host]);
  });
});

describe('credentials', () => {
  test('do not go along to another host', async () => {
    await using other = await LyingRegistry.start();
    const digest = other.keep(BYTES);
    registry.lie = (exchange) =>
      exchange.request.headers.authorization === FREDS_HEADER
        ? void exchange.response
            .writeHead(307, { location: `${other.url.replace('127.0.0.1', 'localhost')}${exchange.path}` })
            .end()
        : refuse(exchange, 'Basic realm="x"');
    const { stream } = await client({ credentials: FRED }).repository('a/b').pullBlob(digest);
    expect(await new Response(stream).text()).toBe('hello');
    expect(other.seen).toHaveLength(1);
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
    // Nor to one that asks for them.
    other.lie = (exchange) => refuse(exchange, 'Basic realm="x"');
    const error = await failure<RegistryError>(client({ credentials: FRED }).repository('a/b').pullBlob(digest));
    expect(error).toMatchObject({ status: 401 });
    expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  test('do not go along to where an upload is sent', async () => {
    await using other = await LyingRegistry.start();
    registry.lie = async (exchange, next) => {
      if (exchange.request.headers.authorization !== FREDS_HEADER) return refuse(exchange, 'Basic realm="x"');
      if (exchange.request.method !== 'POST') return next();
      other.uploads.set('here', Buffer.alloc(0));
      exchange.response.writeHead(202, { location: `${other.url}/blobs/uploads/here` }).end();
    };
    await client({ credentials: FRED }).repository('a/b').pushBlob(BYTES);
    expect(other.blobs.size).toBe(1);
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
  });

  test('are not sent without TLS to another machine, unless that is allowed', async () => {
    for (const challenge of ['Basic realm="x"', 'Bearer realm="http://tokens.test/token"']) {
      const sent: (string | null)[] = [];
      registry.lie = (exchange) => refuse(exchange, challenge);
      const elsewhere = async (url: string, init: RequestInit) => {
        sent.push(new Headers(init.headers).get('authorization'));
        return fetch(url.replace(/^http:\/\/[a-z.]+/, registry.url), init);
      };
      const options = { credentials: FRED, fetch: elsewhere, sleep: async () => {} };
      const error = await failure<RegistryError>(new RegistryClient('http://registry.test', options).ping());
      expect(error).toMatchObject({ code: 'insecure_login' });
      expect(sent).toEqual([null]);
      const allowed = new RegistryClient('http://registry.test', { ...options, allowInsecureLogin: true });
      expect((await failure<RegistryError>(allowed.ping())).status).toBe(401);
      expect(sent).toContain(FREDS_HEADER);
    }
  });

  test('are in no error, even when the registry repeats them', async () => {
    registry.lie = ({ request, response }) => {
      const message = `who is ${request.headers.authorization} or hunter2?`;
      response.writeHead(request.headers.authorization ? 400 : 401, { 'www-authenticate': 'Basic realm="x"' });
      response.end(JSON.stringify({ errors: [{ code: 'UNSUPPORTED', message }] }));
    };
    const error = await failure<RegistryError>(client({ credentials: FRED }).ping());
    expect(error.message).toStartWith('who is *** or ***? (400 for GET ');
  });

  test('that the address has are taken out of it', async () => {
    registry.lie = (exchange) =>
      exchange.request.headers.authorization === FREDS_HEADER
        ? void exchange.response.end('{}')
        : refuse(exchange, 'Basic realm="x"');
    const inAddress = new RegistryClient(registry.url.replace('http://', 'http://fred:hunter2@'));
    expect(inAddress.url).toBe(registry.url);
    await inAddress.ping();
    expect(() => new RegistryClient('https://fred:hunter2@host/a/b')).toThrow(/^not the address of a registry$/);
  });
});
