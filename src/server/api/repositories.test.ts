import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createTestApi, type TestApi } from './testing.ts';

let api: TestApi;
beforeEach(async () => {
  api = await createTestApi();
});
afterEach(() => api.dispose());

const tools = { format: 'pypi', name: 'tools' };

describe('creating a repository', () => {
  test('answers 201 with its settings and where it is', async () => {
    const { status, headers, json } = await api.call('POST', '/repositories', { body: tools });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe('repositories/pypi/tools');
    expect(json).toMatchObject({ ...tools, visibility: 'default', writePolicy: 'immutable', revision: 0 });
    expect(json.url as unknown).toBe('/repo/pypi/tools/');
  });

  test('takes the older name of a format and answers with the present one', async () => {
    const { json } = await api.call('POST', '/repositories', { body: { format: 'tar', name: 'builds' } });
    expect(json.format as unknown).toBe('generic');
    expect((await api.call('GET', '/repositories/tar/builds')).status).toBe(200);
  });

  test('a second time is a conflict', async () => {
    await api.call('POST', '/repositories', { body: tools });
    const { status, json } = await api.call('POST', '/repositories', { body: tools });
    expect(status).toBe(409);
    expect(json.error).toMatchObject({ code: 'conflict', requestId: 'request-1' });
  });

  test('needs admin rights on exactly that repository', async () => {
    const writer = await api.token([{ repository: 'pypi/*', actions: ['write'] }]);
    const other = await api.token([{ repository: 'pypi/other', actions: ['admin'] }]);
    const own = await api.token([{ repository: 'pypi/tools', actions: ['admin'] }]);
    expect((await api.call('POST', '/repositories', { token: null, body: tools })).status).toBe(401);
    expect((await api.call('POST', '/repositories', { token: writer, body: tools })).status).toBe(403);
    expect((await api.call('POST', '/repositories', { token: other, body: tools })).status).toBe(403);
    expect((await api.call('POST', '/repositories', { token: own, body: tools })).status).toBe(201);
  });

  const refused: readonly (readonly [string, unknown, string])[] = [
    ['an unknown format', { format: 'floppy', name: 'x' }, 'format'],
    ['a name with a slash', { format: 'pypi', name: 'a/b' }, 'repository name'],
    ['a missing name', { format: 'pypi' }, 'name: is required'],
    ['an unknown visibility', { ...tools, visibility: 'secret' }, 'visibility'],
    ['an unknown field', { ...tools, colour: 'red' }, 'colour: there is no such field'],
    ['a list', [tools], 'body'],
  ];
  for (const [what, body, words] of refused) {
    test(`refuses ${what} and says so`, async () => {
      const { status, json } = await api.call('POST', '/repositories', { body });
      expect(status).toBe(400);
      expect(json.error?.code as unknown).toBe('invalid_request');
      expect(String(json.error?.message)).toContain(words);
    });
  }

  test('refuses a body that is not JSON, is not declared as JSON, is missing or is huge', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const malformed = await api.call('POST', '/repositories', { body: '{"format":' });
    const undeclared = await api.call('POST', '/repositories', { body: '{}', headers: form });
    const missing = await api.call('POST', '/repositories');
    const huge = await api.call('POST', '/repositories', { body: { ...tools, name: 'x'.repeat(300_000) } });
    expect([malformed.status, undeclared.status, missing.status, huge.status]).toEqual([400, 400, 400, 413]);
    expect(String(malformed.json.error?.message)).toContain('not well-formed JSON');
    expect(String(undeclared.json.error?.hint)).toContain('application/json');
  });
});

describe('listing repositories', () => {
  beforeEach(async () => {
    await api.call('POST', '/repositories', { body: tools });
    await api.call('POST', '/repositories', { body: { format: 'generic', name: 'hidden', visibility: 'private' } });
  });

  const names = async (path: string, token?: string | null) => {
    const { json } = await api.call('GET', path, { token });
    return (json.items as unknown as { name: string }[]).map(({ name }) => name).sort();
  };

  test('shows only those that the caller may read', async () => {
    expect(await names('/repositories')).toEqual(['hidden', 'tools']);
    expect(await names('/repositories', null)).toEqual(['tools']);
  });

  test('can be narrowed to one format, by its older name too', async () => {
    expect(await names('/repositories?format=pypi')).toEqual(['tools']);
    expect(await names('/repositories?format=tar')).toEqual(['hidden']);
    expect((await api.call('GET', '/repositories?format=floppy')).status).toBe(400);
  });

  test('a private one cannot be seen without the right to it', async () => {
    const reader = await api.token([{ repository: 'pypi/*', actions: ['read'] }]);
    expect((await api.call('GET', '/repositories/generic/hidden', { token: null })).status).toBe(401);
    expect((await api.call('GET', '/repositories/generic/hidden', { token: reader })).status).toBe(403);
    expect((await api.call('GET', '/repositories/generic/hidden')).status).toBe(200);
  });
});

describe('one repository', () => {
  const path = '/repositories/pypi/tools';
  beforeEach(async () => {
    await api.call('POST', '/repositories', { body: tools });
  });

  test('can be changed by its administrator alone', async () => {
    const writer = await api.token([{ repository: '*', actions: ['write', 'delete'] }]);
    const body = { visibility: 'private' };
    expect((await api.call('PATCH', path, { token: writer, body })).status).toBe(403);
    const changed = await api.call('PATCH', path, { body });
    expect(changed.json).toMatchObject({ visibility: 'private', writePolicy: 'immutable' });
    expect((await api.call('GET', path)).json).toMatchObject({ visibility: 'private' });
  });

  test('a change that changes nothing, or something unknown, is refused', async () => {
    expect((await api.call('PATCH', path, { body: {} })).status).toBe(400);
    expect((await api.call('PATCH', path, { body: { name: 'other' } })).status).toBe(400);
  });

  test('is gone after its removal, with what was in it', async () => {
    await api.release('requests', '1.0');
    const writer = await api.token([{ repository: '*', actions: ['write', 'delete'] }]);
    expect((await api.call('DELETE', path, { token: writer })).status).toBe(403);
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect((await api.call('GET', path)).status).toBe(404);
    await api.call('POST', '/repositories', { body: tools });
    expect((await api.call('GET', `${path}/packages`)).json.items as unknown).toEqual([]);
  });

  test('says that an unknown one or an unknown format is not there', async () => {
    expect((await api.call('GET', '/repositories/pypi/nothing')).json.error).toMatchObject({ code: 'not_found' });
    expect((await api.call('GET', '/repositories/floppy/tools')).json.error).toMatchObject({ code: 'not_found' });
    expect((await api.call('PATCH', '/repositories/pypi/nothing', { body: { visibility: 'public' } })).status).toBe(
      404,
    );
    expect((await api.call('DELETE', '/repositories/pypi/nothing')).status).toBe(404);
  });

  test('lists its revisions, the newest first', async () => {
    await api.release('requests', '1.0');
    await api.release('requests', '2.0');
    const { json } = await api.call('GET', `${path}/revisions?limit=1`);
    expect(json.items as unknown).toMatchObject([{ number: 2, actor: 'tester' }]);
    expect(Number.isNaN(Date.parse(String(json.items?.[0]?.at)))).toBe(false);
  });
});
