import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createTestApi, type TestApi } from './testing.ts';

let api: TestApi;
beforeEach(async () => {
  api = await createTestApi();
});
afterEach(() => api.dispose());

const ci = { name: 'ci', user: 'robot', scopes: [{ repository: 'pypi/*', actions: ['read', 'write'] }] };

describe('whoami', () => {
  test('names the caller and what the token may do', async () => {
    expect((await api.call('GET', '/whoami')).json as unknown).toEqual({
      name: 'root',
      kind: 'user',
      scopes: [{ repository: '*', actions: ['admin'] }],
    });
  });

  test('knows callers without credentials as anonymous', async () => {
    expect((await api.call('GET', '/whoami', { token: null })).json as unknown).toEqual({
      name: 'anonymous',
      kind: 'anonymous',
      scopes: [],
    });
  });

  test('is never kept by a cache', async () => {
    expect((await api.call('GET', '/whoami')).headers.get('cache-control')).toBe('no-store');
  });
});

describe('tokens', () => {
  test('are made with a secret that works and is shown once', async () => {
    const { status, json } = await api.call('POST', '/tokens', { body: ci });
    const secret = String(json.token);
    expect(status).toBe(201);
    expect(json).toMatchObject({ ...ci, createdBy: 'root', hint: secret.slice(0, 8) });
    expect((await api.call('GET', '/whoami', { token: secret })).json.name as unknown).toBe('robot');
    const list = JSON.stringify((await api.call('GET', '/tokens')).json);
    expect(list).toContain(String(json.id));
    expect(list).not.toContain(secret);
  });

  test('belong to the caller when nobody is named, and say when they expire', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { json } = await api.call('POST', '/tokens', { body: { name: 'x', scopes: ci.scopes, expiresAt } });
    expect(json).toMatchObject({ user: 'root', expiresAt });
  });

  test('stop working when they are revoked', async () => {
    const { json } = await api.call('POST', '/tokens', { body: ci });
    const revoked = await api.call('DELETE', `/tokens/${json.id}`);
    expect(revoked.status).toBe(200);
    expect(revoked.json.revokedAt as unknown).toBeString();
    expect((await api.call('GET', '/whoami', { token: String(json.token) })).status).toBe(401);
    expect((await api.call('DELETE', '/tokens/nothing')).status).toBe(404);
  });

  test('are for server administrators, but each may revoke itself', async () => {
    const { json } = await api.call('POST', '/tokens', { body: ci });
    const other = (await api.call('POST', '/tokens', { body: ci })).json;
    const token = String(json.token);
    const own = await api.token([{ repository: 'pypi/*', actions: ['admin'] }]);
    expect((await api.call('POST', '/tokens', { token, body: ci })).status).toBe(403);
    expect((await api.call('POST', '/tokens', { token: own, body: ci })).status).toBe(403);
    expect((await api.call('POST', '/tokens', { token: null, body: ci })).status).toBe(401);
    expect((await api.call('GET', '/tokens', { token })).status).toBe(403);
    expect((await api.call('GET', '/tokens', { token: null })).status).toBe(401);
    expect((await api.call('DELETE', `/tokens/${other.id}`, { token })).status).toBe(403);
    expect((await api.call('DELETE', `/tokens/${json.id}`, { token })).status).toBe(200);
  });

  const refused: readonly (readonly [string, object, string])[] = [
    ['no scopes', { scopes: [] }, 'scopes'],
    ['an unknown action', { scopes: [{ repository: '*', actions: ['read', 'fly'] }] }, 'scopes[0].actions[1]'],
    ['a scope that is no glob', { scopes: [{ repository: 'a b', actions: ['read'] }] }, 'scopes[0].repository'],
    ['an unknown key in a scope', { scopes: [{ repository: '*', actions: ['read'], x: 1 }] }, 'scopes[0].x'],
    ['a date that is none', { expiresAt: 'tomorrow' }, 'expiresAt'],
    ['a date in the past', { expiresAt: '2001-01-01T00:00:00Z' }, 'expiresAt'],
    ['a user with a colon', { user: 'a:b' }, 'user'],
    ['the name of nobody', { user: 'anonymous' }, 'user'],
    ['an empty name', { name: '' }, 'name'],
  ];
  for (const [what, change, field] of refused) {
    test(`refuse ${what} and name the field`, async () => {
      const { status, json } = await api.call('POST', '/tokens', { body: { ...ci, ...change } });
      expect(status).toBe(400);
      expect(String(json.error?.message)).toContain(`body field ${field}:`);
    });
  }
});

describe('the audit log', () => {
  test('comes newest first, page by page', async () => {
    await api.call('POST', '/repositories', { body: { format: 'pypi', name: 'one' } });
    await api.call('POST', '/repositories', { body: { format: 'pypi', name: 'two' } });
    const first = await api.call('GET', '/events?limit=1');
    expect(first.json.items?.[0]).toMatchObject({
      actor: 'root',
      action: 'repository.create',
      repository: 'pypi/two',
      requestId: 'request-1',
      address: '192.0.2.1',
    });
    const second = await api.call('GET', `/events?limit=1&before=${first.json.next}`);
    expect(second.json.items?.[0]).toMatchObject({ repository: 'pypi/one' });
    const rest = await api.call('GET', '/events?limit=1000');
    expect(rest.json.next as unknown).toBeUndefined();
  });

  test('is for server administrators', async () => {
    const own = await api.token([{ repository: 'pypi/*', actions: ['admin'] }]);
    expect((await api.call('GET', '/events', { token: own })).status).toBe(403);
    expect((await api.call('GET', '/events', { token: null })).status).toBe(401);
    expect((await api.call('GET', '/events?before=-1')).status).toBe(400);
  });
});
