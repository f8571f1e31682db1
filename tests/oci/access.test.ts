import { beforeAll, describe, expect, test } from 'bun:test';
import { basic, bearer, createRepository, createToken } from '../support/api.ts';
import { useServer } from '../support/use-server.ts';
import { digestOf, freshName, IMAGE, Image, OCTETS } from './protocol.ts';

const server = useServer();

interface Challenge {
  readonly scheme: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Reads a challenge as Docker's clients do: every value in quotes. */
function challengeOf(response: Response): Challenge {
  const header = response.headers.get('www-authenticate') ?? '';
  const fields = Object.fromEntries(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
  return { scheme: header.split(' ')[0] ?? '', fields };
}

async function tokenFor(headers: Record<string, string> = {}, query = ''): Promise<string> {
  const response = await fetch(`${server().url}/token${query}`, { headers });
  expect(response.status).toBe(200);
  const document = (await response.json()) as Record<string, never>;
  expect(document.token).toBe(document.access_token);
  expect(document.expires_in).toBeGreaterThanOrEqual(60 as never);
  expect(Date.parse(document.issued_at ?? '')).toBeGreaterThan(0);
  return document.token ?? '';
}

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${server().url}${path}`, { headers });

test('whatever fails before a route is reached is said in the form of the protocol too', async () => {
  const image = new Image(server(), freshName('access'));
  const foreign = await image.call('POST', 'blobs/uploads/', { headers: { 'sec-fetch-site': 'cross-site' } });
  expect([foreign.status, await image.errorOf(foreign)]).toEqual([403, 'DENIED']);
  expect(foreign.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
});

test('requests are counted as this format’s', async () => {
  await get('/v2/');
  const metrics = await (await get('/metrics', bearer(server().adminToken))).text();
  expect(metrics).toMatch(/format="oci",route="repo",method="GET",status="4xx"/);
});

describe('the base address', () => {
  test('challenges who sends no credentials, with the address of the token endpoint', async () => {
    for (const path of ['/v2/', '/v2']) {
      const response = await get(path);
      expect(response.status).toBe(401);
      expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
      const { scheme, fields } = challengeOf(response);
      expect(scheme).toBe('Bearer');
      expect(fields).toEqual({ realm: `${server().url}/token`, service: new URL(server().url).host });
      expect((await response.json()) as object).toMatchObject({ errors: [{ code: 'UNAUTHORIZED' }] });
    }
  });

  test('is 200 with an anonymous token, a user’s, and the Packyard token by Basic or Bearer', async () => {
    const { adminToken } = server();
    for (const headers of [
      bearer(await tokenFor()),
      bearer(await tokenFor(basic(adminToken, 'anybody'))),
      basic(adminToken),
      bearer(adminToken),
    ]) {
      const response = await get('/v2/', headers);
      expect([response.status, await response.text()]).toEqual([200, '{}']);
    }
  });

  test('refuses a wrong password, and so does the token endpoint', async () => {
    const wrong = basic(`pky_${'x'.repeat(43)}`);
    for (const path of ['/v2/', '/token', '/v2/_catalog']) {
      const response = await get(path, wrong);
      expect(response.status).toBe(401);
      expect(((await response.json()) as { errors: unknown[] }).errors).toHaveLength(1);
    }
    expect((await get('/v2/', bearer('pkb_bm90aGluZw'))).status).toBe(401);
  });
});

describe('the token endpoint', () => {
  const post = (fields: object) =>
    fetch(`${server().url}/token`, { method: 'POST', body: new URLSearchParams({ ...fields }) });

  test('takes the OAuth form too: a password, or a Packyard token as refresh token', async () => {
    const { adminToken } = server();
    for (const fields of [
      { grant_type: 'password', username: 'me', password: adminToken, service: 'x', scope: 'repository:a/b:pull' },
      { grant_type: 'refresh_token', refresh_token: adminToken, service: 'x', access_type: 'offline' },
    ]) {
      const response = await post(fields);
      expect(response.status).toBe(200);
      const { access_token } = (await response.json()) as { access_token: string };
      const whoami = await get('/api/v1/whoami', bearer(access_token));
      expect(whoami.status).toBe(200);
    }
    expect((await post({ grant_type: 'password', username: 'me', password: 'wrong' })).status).toBe(401);
    expect((await post({ grant_type: 'client_credentials' })).status).toBe(404);
    expect((await post({ grant_type: 'password' })).status).toBe(400);
  });

  test('gives tokens that do not outlive the one they stand for', async () => {
    const secret = await createToken(server(), 'short', 'oci/short', ['read', 'write']);
    const list = await get('/api/v1/tokens', bearer(server().adminToken));
    const { items } = (await list.json()) as { items: { id: string; name: string }[] };
    const id = items.find((each) => each.name === 'short')?.id;
    const token = await tokenFor(basic(secret));
    expect((await get('/v2/', bearer(token))).status).toBe(200);
    const revoked = await fetch(`${server().url}/api/v1/tokens/${id}`, {
      method: 'DELETE',
      headers: bearer(server().adminToken),
    });
    expect(revoked.ok).toBe(true);
    expect((await get('/v2/', bearer(token))).status).toBe(401);
  });

  test('leaves what clients ask for aside: rights are those of who asks', async () => {
    const reader = await createToken(server(), 'reader', 'oci/scoped', ['read']);
    const token = await tokenFor(
      basic(reader),
      '?scope=repository:scoped/app:push,pull,delete&account=me&offline_token=true',
    );
    const image = new Image(server(), 'scoped/app', null);
    const response = await image.call('POST', 'blobs/uploads/', { headers: bearer(token) });
    expect([response.status, await image.errorOf(response)]).toEqual([403, 'DENIED']);
  });
});

describe('a private repository', () => {
  const name = 'vault/app';
  let digest: string;
  beforeAll(async () => {
    await createRepository(server(), 'oci/vault', { visibility: 'private' });
    digest = (await new Image(server(), name).pushImage('1.0')).digest;
  });

  test('tells who is not logged in nothing but how to log in', async () => {
    for (const path of ['manifests/1.0', `manifests/${digest}`, 'tags/list', `referrers/${digest}`, 'manifests/no']) {
      const anybody = new Image(server(), name, null);
      const response = await anybody.call('GET', path);
      expect(response.status).toBe(401);
      expect(challengeOf(response).fields).toMatchObject({ scope: `repository:${name}:pull` });
      const asNobody = await anybody.call('GET', path, { headers: bearer(await tokenFor()) });
      expect(asNobody.status).toBe(401);
      expect(challengeOf(asNobody).fields.error).toBe('insufficient_scope');
    }
  });

  test('opens for a token with the right to it, or to this image alone', async () => {
    for (const [scope, expected] of [
      ['oci/vault', 200],
      ['oci/vault/app', 200],
      ['oci/vault/*', 200],
      ['oci/*', 200],
      ['oci/vault/other', 403],
      ['oci/vault/app/below', 403],
      ['oci/vaul', 403],
    ] as const) {
      const token = await createToken(server(), `scope ${scope}`, scope, ['read']);
      const response = await new Image(server(), name, token).call('GET', 'manifests/1.0');
      expect([scope, response.status]).toEqual([scope, expected]);
    }
  });

  test('lends its layers to nobody who may not read them', async () => {
    const manifest = (await (await new Image(server(), name).ok(200, 'GET', 'manifests/1.0')).json()) as {
      layers: { digest: string }[];
    };
    const layer = manifest.layers[0]?.digest ?? '';
    const stranger = await createToken(server(), 'stranger', 'oci/stranger', ['read', 'write']);
    const thief = new Image(server(), 'stranger/app', stranger);
    for (const query of [`?mount=${layer}&from=${name}`, `?mount=${layer}`])
      expect((await thief.call('POST', `blobs/uploads/${query}`)).status).toBe(202);
    expect((await thief.call('HEAD', `blobs/${layer}`)).status).toBe(404);
    const admin = new Image(server(), 'stranger/app');
    await admin.ok(201, 'POST', `blobs/uploads/?mount=${layer}&from=${name}`);
  });
});

test('who may only read is refused every change, in the protocol’s own form', async () => {
  const name = freshName('readable');
  const owner = new Image(server(), name);
  const { digest } = await owner.pushImage('1.0');
  const token = await createToken(server(), 'only reads', 'oci/readable', ['read']);
  const reader = new Image(server(), name, token);
  await reader.ok(200, 'GET', 'manifests/1.0');
  for (const [method, path] of [
    ['POST', 'blobs/uploads/'],
    ['PUT', 'manifests/2.0'],
    ['DELETE', 'manifests/1.0'],
    ['DELETE', `manifests/${digest}`],
    ['DELETE', `blobs/${digestOf('x')}`],
  ] as const) {
    const body = method === 'PUT' ? await owner.makeImage() : undefined;
    const response = await reader.call(method, path, { body, headers: { 'content-type': IMAGE } });
    expect([response.status, await reader.errorOf(response)]).toEqual([403, 'DENIED']);
  }
  const anonymous = await new Image(server(), name, null).call('POST', 'blobs/uploads/?mount=x&from=other/image');
  expect(challengeOf(anonymous).fields.scope).toBe(`repository:${name}:pull,push repository:other/image:pull`);
});

test('a token with the right to write but not to delete pushes and does not delete', async () => {
  const token = await createToken(server(), 'writes', 'oci/writable', ['read', 'write']);
  const image = new Image(server(), freshName('writable'), token);
  await image.pushImage('1.0');
  expect((await image.call('DELETE', 'manifests/1.0')).status).toBe(403);
});

describe('addresses and methods', () => {
  const image = () => new Image(server(), 'library/app');

  test.each([
    ['upper case', 'Library/App'],
    ['two dots', 'a..b'],
    ['an empty part', 'a//b'],
    ['three underscores', 'a___b'],
    ['more than 255 characters', `a/${'b'.repeat(254)}`],
    ['a first part of more than 128 characters', 'a'.repeat(129)],
    ['an encoded slash at its end', 'a%2f'],
    ['a quote', 'a%22b'],
  ])('a name with %s is refused', async (_, name) => {
    for (const [method, path] of [
      ['GET', 'tags/list'],
      ['POST', 'blobs/uploads/'],
      ['GET', 'manifests/latest'],
    ] as const) {
      const response = await image().call(method, `/v2/${name}/${path}`);
      expect([400, 404]).toContain(response.status);
      expect(['NAME_INVALID', 'NAME_UNKNOWN']).toContain(await image().errorOf(response));
    }
  });

  test.each([
    '/v2/x',
    '/v2/_nothing',
    '/v2/a/b/c/d',
    '/v2/a/manifests/',
    '/v2/a/blobs',
    '/v2//manifests/x',
    '/v2/%ff/manifests/x',
  ])('%s is nowhere, in JSON', async (path) => {
    const response = await image().call('GET', path);
    expect([400, 404]).toContain(response.status);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(((await response.json()) as { errors: unknown[] }).errors).toHaveLength(1);
  });

  test.each([
    ['POST', '/v2/'],
    ['PUT', '/v2/_catalog'],
    ['DELETE', '/v2/a/b/tags/list'],
    ['POST', '/v2/a/b/manifests/x'],
    ['PUT', `/v2/a/b/blobs/${digestOf('x')}`],
    ['GET', '/v2/a/b/blobs/uploads/'],
    ['PATCH', '/v2/a/b/referrers/x'],
    ['DELETE', '/token'],
  ])('%s %s is 405 in JSON, and says what is possible', async (method, path) => {
    const response = await image().call(method, path);
    expect([response.status, await image().errorOf(response)]).toEqual([405, 'UNSUPPORTED']);
    expect(response.headers.get('allow')).toBeTruthy();
  });

  test('every answer has a request id', async () => {
    const response = await image().call('GET', '/v2/nobody/knows/manifests/x', { headers: OCTETS });
    const { errors } = (await response.json()) as { errors: { detail: { requestId: string } }[] };
    expect(errors[0]?.detail.requestId).toBe(response.headers.get('x-request-id') ?? '');
  });

  test('extensions can be asked for', async () => {
    expect(await (await image().ok(200, 'GET', '/v2/_oci/ext/discover')).json()).toEqual({ extensions: [] });
  });
});
