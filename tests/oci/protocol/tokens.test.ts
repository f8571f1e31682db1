import { describe, expect, test } from 'bun:test';
import { basic, bearer, createRepository, createToken } from '../../support/api.ts';
import { requestHead, sendRaw } from '../../support/raw-http.ts';
import type { TestServer } from '../../support/start-server.ts';
import { useServer } from '../../support/use-server.ts';
import { digestOf, freshName, IMAGE, Image, OCTETS } from '../protocol.ts';
import { expectError } from './uploading.ts';

const server = useServer();

/** The parts of a challenge, as clients read them: only what is in quotes. */
function challengeOf(header: string): Readonly<Record<string, string>> {
  expect(header).toStartWith('Bearer ');
  return Object.fromEntries(
    [...header.matchAll(/([a-z]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** Asks as clients do: without anything, then with the token that the challenge leads to. */
async function ask(
  on: TestServer,
  method: string,
  path: string,
  login: Readonly<Record<string, string>> = {},
  body?: string | Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const send = (headers: Readonly<Record<string, string>>) =>
    fetch(`${on.url}${path}`, { method, body, headers: { 'content-type': IMAGE, ...headers } });
  const first = await send({});
  if (first.status !== 401) return first;
  const { realm = '', service = '', scope } = challengeOf(first.headers.get('www-authenticate') ?? '');
  const query = new URLSearchParams({ service, ...(scope === undefined ? {} : { scope }) });
  const answer = await fetch(`${realm}?${query}`, { headers: login });
  if (answer.status !== 200) return answer;
  const { token } = (await answer.json()) as { token: string };
  return send(bearer(token));
}

async function tokenFor(query = '', headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const response = await fetch(`${server().url}/token${query}`, { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return ((await response.json()) as { token: string }).token;
}

describe('a challenge', () => {
  const anybody = (name: string) => new Image(server(), name, null);
  const scopes = async (method: string, path: string) => {
    const response = await anybody('closed/app').call(method, path);
    expect(response.status).toBe(401);
    const challenge = challengeOf(response.headers.get('www-authenticate') ?? '');
    expect(challenge.realm).toBe(`${server().url}/token`);
    expect(challenge.service).toBe(new URL(server().url).host);
    return challenge.scope;
  };

  test('names what a token is needed for, whether it is there or not', async () => {
    await createRepository(server(), 'oci/closed', { visibility: 'private' });
    const digest = digestOf('x');
    for (const [method, path, scope] of [
      ['GET', 'manifests/x', 'repository:closed/app:pull'],
      ['HEAD', `manifests/${digest}`, 'repository:closed/app:pull'],
      ['GET', `blobs/${digest}`, 'repository:closed/app:pull'],
      ['GET', 'tags/list', 'repository:closed/app:pull'],
      ['GET', `referrers/${digest}`, 'repository:closed/app:pull'],
      ['PUT', 'manifests/x', 'repository:closed/app:pull,push'],
      ['POST', 'blobs/uploads/', 'repository:closed/app:pull,push'],
      ['PATCH', 'blobs/uploads/x', 'repository:closed/app:pull,push'],
      ['POST', '/v2/open/app/blobs/uploads/', 'repository:open/app:pull,push'],
      [
        'POST',
        `blobs/uploads/?mount=${digest}&from=other/one`,
        'repository:closed/app:pull,push repository:other/one:pull',
      ],
      ['DELETE', 'manifests/x', 'repository:closed/app:delete'],
      ['DELETE', `blobs/${digest}`, 'repository:closed/app:delete'],
    ] as const)
      expect([method, path, await scopes(method, path)]).toEqual([method, path, scope]);
    expect(await scopes('GET', '/v2/')).toBeUndefined();
  });

  test('cannot be written by who asks: neither the host nor the path gets out of its quotes', async () => {
    for (const [path, host] of [
      ['/v2/', 'a"b,realm="evil'],
      ['/v2/a%22,realm=%22evil/manifests/x', '127.0.0.1'],
      ['/v2/closed/app/blobs/uploads/?mount=x&from=a%22b', '127.0.0.1'],
      ['/v2/', 'a\\b'],
    ] as const) {
      const { head } = await sendRaw(server().url, [requestHead('POST', path, { host })]);
      expect(head.toLowerCase()).not.toContain('realm="evil');
    }
  });
});

describe('the token endpoint', () => {
  test('takes every parameter that clients send, known or not', async () => {
    for (const query of [
      '?service=x&scope=repository:a/b:pull',
      '?scope=repository:a/b:pull&scope=repository:c:pull,push,delete&account=me&client_id=docker&offline_token=true',
      '?scope=repository:a/b:pull%20repository:c/d:push',
      '?scope=registry:catalog:*',
      '?scope=repository:host:5000/a/b:pull',
      '?scope=',
      '?scope=nonsense&scope=%00&service=%22',
    ])
      expect((await fetch(`${server().url}/v2/`, { headers: bearer(await tokenFor(query)) })).status).toBe(200);
  });

  test('gives what every client reads: two names for the token, its life, and when it began', async () => {
    const response = await fetch(`${server().url}/token`, { headers: basic(server().adminToken, 'me') });
    const document = (await response.json()) as Record<string, unknown>;
    expect(document.access_token).toBe(document.token as string);
    expect(Number(document.expires_in)).toBeGreaterThanOrEqual(60);
    expect(String(document.issued_at)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  });

  test('takes the token as password with any user name, as user name alone, or as Bearer; none for anybody', async () => {
    const { adminToken } = server();
    const whoami = async (headers: Readonly<Record<string, string>>) => {
      const token = await tokenFor('', headers);
      const response = await fetch(`${server().url}/v2/tokens-check/app/blobs/uploads/`, {
        method: 'POST',
        headers: bearer(token),
      });
      return response.status;
    };
    for (const headers of [
      basic(adminToken, 'me'),
      basic(adminToken, ''),
      basic(adminToken, '<token>'),
      basic('', adminToken),
      bearer(adminToken),
    ])
      expect(await whoami(headers)).toBe(202);
    // Clients that have nothing to log in with send an empty name and an empty password.
    for (const headers of [{}, basic('', '')]) expect(await whoami(headers)).toBe(401);
  });

  test('refuses what is wrong, and asks for no more than it says', async () => {
    for (const headers of [basic('wrong', 'me'), bearer('pkb_wrong'), { authorization: 'Negotiate x' }])
      await expectError(await fetch(`${server().url}/token`, { headers }), 401, 'UNAUTHORIZED');
    const post = (body: string, type = 'application/x-www-form-urlencoded') =>
      fetch(`${server().url}/token`, { method: 'POST', body, headers: { 'content-type': type } });
    for (const [body, status] of [
      ['grant_type=client_credentials', 404],
      ['', 404],
      ['grant_type=password', 400],
      ['grant_type=refresh_token', 400],
      ['{"grant_type":"password"}', 404],
      [`grant_type=password&username=me&password=${server().adminToken}`, 200],
      [`grant_type=refresh_token&refresh_token=${server().adminToken}&client_id=x&access_type=offline`, 200],
    ] as const)
      expect([body.slice(0, 40), (await post(body)).status]).toEqual([body.slice(0, 40), status]);
    expect((await post('x'.repeat(200_000))).status).toBe(413);
  });
});

describe('a token of the token endpoint', () => {
  test('does what its owner may, however little was asked for', async () => {
    const secret = await createToken(server(), 'owner', 'oci/tokens-owned', ['read', 'write', 'delete']);
    const name = freshName('tokens-owned');
    const token = await tokenFor('?scope=repository:something/else:pull', basic(secret, 'me'));
    const image = new Image(server(), name, null);
    const headers = { ...bearer(token), ...OCTETS };
    const digest = digestOf('layer');
    expect((await image.call('POST', `blobs/uploads/?digest=${digest}`, { body: 'layer', headers })).status).toBe(201);
    expect((await image.call('DELETE', `blobs/${digest}`, { headers })).status).toBe(202);
  });

  test('does no more than its owner may, however much was asked for', async () => {
    const secret = await createToken(server(), 'reader', 'oci/tokens-read', ['read']);
    const token = await tokenFor('?scope=repository:tokens-read/app:*', basic(secret, 'me'));
    const image = new Image(server(), 'tokens-read/app', null);
    await expectError(await image.call('POST', 'blobs/uploads/', { headers: bearer(token) }), 403, 'DENIED');
  });

  test('that is nobody’s is told that a better one may do, and a changed one is none', async () => {
    const anonymous = await tokenFor();
    const image = new Image(server(), 'tokens-anonymous/app', null);
    const response = await image.call('POST', 'blobs/uploads/', { headers: bearer(anonymous) });
    expect(response.status).toBe(401);
    const { error, scope } = challengeOf(response.headers.get('www-authenticate') ?? '');
    expect([error, scope]).toEqual(['insufficient_scope', 'repository:tokens-anonymous/app:pull,push']);
    const middle = anonymous.length >> 1;
    const other = anonymous.slice(middle, middle + 4) === 'MTEx' ? 'MjIy' : 'MTEx';
    const changed = anonymous.slice(0, middle) + other + anonymous.slice(middle + 4);
    await expectError(await image.call('GET', '/v2/', { headers: bearer(changed) }), 401, 'UNAUTHORIZED');
  });
});

describe('a client that begins with nothing', () => {
  const manifest = new Uint8Array(Buffer.from('{"schemaVersion":2,"config":{"digest":"sha256:x"}}'));

  test('pulls what everybody may, and pushes with a name and a password', async () => {
    const image = new Image(server(), freshName('tokens-flow'));
    const { digest } = await image.pushImage('1.0');
    for (const path of ['/v2/', `/v2/${image.name}/manifests/${digest}`, `/v2/${image.name}/tags/list`, '/v2/_catalog'])
      expect((await ask(server(), 'GET', path)).status).toBe(200);
    const uploads = `/v2/${image.name}/blobs/uploads/`;
    expect((await ask(server(), 'POST', uploads)).status).toBe(401);
    expect((await ask(server(), 'POST', uploads, basic('wrong', 'me'))).status).toBe(401);
    const login = basic(server().adminToken, 'me');
    expect((await ask(server(), 'POST', uploads, login)).status).toBe(202);
    expect((await ask(server(), 'PUT', `/v2/${image.name}/manifests/x`, login, manifest)).status).toBe(400);
    expect((await ask(server(), 'DELETE', `/v2/${image.name}/manifests/1.0`, login)).status).toBe(202);
  });
});

describe('a server that lets everybody write', () => {
  const open = useServer({ flags: ['--anonymous', 'write'] });

  test('challenges nobody, takes pushes from everybody, and asks who deletes', async () => {
    const image = new Image(open(), 'everybody/app', null);
    expect(await (await image.ok(200, 'GET', '/v2/')).text()).toBe('{}');
    const { digest } = await image.pushImage('1.0');
    await image.ok(200, 'GET', `manifests/${digest}`);
    const response = await image.call('DELETE', 'manifests/1.0');
    expect(response.status).toBe(401);
    expect(challengeOf(response.headers.get('www-authenticate') ?? '').scope).toBe('repository:everybody/app:delete');
    const deleted = await ask(open(), 'DELETE', '/v2/everybody/app/manifests/1.0', basic(open().adminToken, 'me'));
    expect(deleted.status).toBe(202);
    // A private repository is one here as well.
    await createRepository(open(), 'oci/own', { visibility: 'private' });
    expect((await new Image(open(), 'own/app', null).call('POST', 'blobs/uploads/')).status).toBe(401);
  });
});

describe('a server that lets nobody in, behind a proxy', () => {
  const closed = useServer({
    flags: ['--anonymous', 'none'],
    env: { PACKYARD_TRUSTED_PROXIES: '127.0.0.1' },
  });

  test('gives anonymous tokens that open nothing, and real ones that do', async () => {
    const image = new Image(closed(), 'shut/app');
    const { digest } = await image.pushImage('1.0');
    for (const path of ['/v2/shut/app/manifests/1.0', `/v2/shut/app/manifests/${digest}`, '/v2/shut/app/tags/list']) {
      expect((await ask(closed(), 'GET', path)).status).toBe(401);
      expect((await ask(closed(), 'GET', path, basic(closed().adminToken, 'me'))).status).toBe(200);
    }
  });

  test('leads clients to the token endpoint by the address that they know, and keeps Locations without a host', async () => {
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'registry.example.org:8443' };
    const response = await fetch(`${closed().url}/v2/`, { headers: forwarded });
    const challenge = challengeOf(response.headers.get('www-authenticate') ?? '');
    expect(challenge.realm).toBe('https://registry.example.org:8443/token');
    expect(challenge.service).toBe('registry.example.org:8443');
    const headers = { ...forwarded, ...bearer(closed().adminToken) };
    const begun = await fetch(`${closed().url}/v2/shut/app/blobs/uploads/`, { method: 'POST', headers });
    expect(begun.headers.get('location')).toStartWith('/v2/shut/app/blobs/uploads/');
  });

  test('shows the catalog to who may read, with what that is', async () => {
    const token = await createToken(closed(), 'none of it', 'oci/another', ['read']);
    await new Image(closed(), 'shut/app').pushImage('1.0');
    const list = async (secret: string) =>
      (await (await new Image(closed(), 'shut/app', secret).ok(200, 'GET', '/v2/_catalog')).json()) as object;
    expect(await list(closed().adminToken)).toEqual({ repositories: ['shut/app'] });
    expect(await list(token)).toEqual({ repositories: [] });
    const anybody = await new Image(closed(), 'shut/app', null).call('GET', '/v2/_catalog');
    expect([200, 401]).toContain(anybody.status);
    expect(await anybody.text()).not.toContain('shut');
  });
});
