import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createTestApi, type TestApi } from './testing.ts';

let api: TestApi;
beforeEach(async () => {
  api = await createTestApi();
});
afterEach(() => api.dispose());

const packages = '/repositories/pypi/tools/packages';

describe('the packages of a repository', () => {
  beforeEach(async () => {
    for (const name of ['charlie', 'alpha', 'Bravo']) await api.release(name, '1.0');
  });

  test('come by name, page by page, until there is no next', async () => {
    const first = await api.call('GET', `${packages}?limit=2`);
    expect(first.json).toMatchObject({
      items: [{ name: 'alpha' }, { name: 'bravo', displayName: 'Bravo' }],
      next: 'bravo',
    });
    const second = await api.call('GET', `${packages}?limit=2&after=bravo`);
    expect(second.json as unknown).toEqual({
      items: [{ name: 'charlie', displayName: 'charlie', status: 'active', statusReason: '' }],
    });
  });

  test('a full last page has no next', async () => {
    expect(Object.keys((await api.call('GET', `${packages}?limit=3`)).json)).toEqual(['items']);
  });

  for (const query of ['limit=0', 'limit=1001', 'limit=x', 'limit=', 'limit=1&limit=2', 'limit=1e2', 'offset=3']) {
    test(`refuse ?${query} and name the field`, async () => {
      const { status, json } = await api.call('GET', `${packages}?${query}`);
      expect(status).toBe(400);
      expect(String(json.error?.message)).toContain(`query field ${query.split('=')[0]}`);
    });
  }
});

describe('one package', () => {
  beforeEach(async () => {
    for (const version of ['1.9', '1.10', '1.2']) await api.release('My-Tool', version);
  });

  test('has its versions newest first and its files with digest and address', async () => {
    const { json } = await api.call('GET', `${packages}/my-tool`);
    expect(json).toMatchObject({ name: 'my-tool', displayName: 'My-Tool', status: 'active', aliases: [] });
    expect(json.versions as unknown).toEqual(['1.10', '1.9', '1.2']);
    expect(json.files?.[0]).toMatchObject({
      name: 'My-Tool-1.9.tar.gz',
      version: '1.9',
      publishedBy: 'tester',
      yanked: null,
      url: '/repo/pypi/tools/my-tool/My-Tool-1.9.tar.gz',
      metadata: { kind: 'sdist' },
    });
    expect(String(json.files?.[0]?.sha256)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is found in any spelling', async () => {
    expect((await api.call('GET', `${packages}/MY_Tool`)).json.name as unknown).toBe('my-tool');
    expect((await api.call('GET', `${packages}/my%2Etool`)).json.name as unknown).toBe('my-tool');
  });

  test('percent-encodes addresses of files with odd names', async () => {
    await api.put('odd/1/a b#c?d%.txt', 'x');
    const { json } = await api.call('GET', '/repositories/generic/files/packages/odd');
    expect(json.files?.[0]?.url as unknown).toBe('/repo/generic/files/odd/1/a%20b%23c%3Fd%25.txt');
  });

  test('that is not there, or cannot be, is refused without a defect', async () => {
    expect((await api.call('GET', `${packages}/nothing`)).json.error).toMatchObject({ code: 'not_found' });
    expect((await api.call('GET', `${packages}/a%00b`)).json.error).toMatchObject({ code: 'invalid_request' });
    expect([400, 404]).toContain((await api.call('GET', `${packages}/..%2F..%2Fetc`)).status);
    expect([400, 404]).toContain((await api.call('GET', `${packages}/%ff`)).status);
  });

  test('can be marked as archived, with a reason, by who may write', async () => {
    const reader = await api.token([{ repository: '*', actions: ['read'] }]);
    const body = { status: 'archived', reason: 'use other-tool' };
    expect((await api.call('PATCH', `${packages}/my-tool`, { token: null, body })).status).toBe(401);
    expect((await api.call('PATCH', `${packages}/my-tool`, { token: reader, body })).status).toBe(403);
    const { status, json } = await api.call('PATCH', `${packages}/My.Tool`, { body });
    expect(status).toBe(200);
    expect(json).toMatchObject({ name: 'my-tool', status: 'archived', statusReason: 'use other-tool' });
    expect((await api.call('GET', `${packages}/my-tool`)).json).toMatchObject({ status: 'archived' });
  });

  test('go into quarantine and out of it only by an administrator of the repository', async () => {
    const writer = await api.token([{ repository: 'pypi/tools', actions: ['read', 'write'] }]);
    const admin = await api.token([{ repository: 'pypi/tools', actions: ['admin'] }]);
    const set = async (token: string, status: string, reason = '') =>
      (await api.call('PATCH', `${packages}/my-tool`, { token, body: { status, reason } })).status;
    expect(await set(writer, 'quarantined')).toBe(403);
    expect(await set(writer, 'archived')).toBe(200);
    expect(await set(admin, 'quarantined', 'malware')).toBe(200);
    expect(await set(writer, 'active')).toBe(403);
    expect(await set(writer, 'quarantined', 'another reason')).toBe(403);
    expect((await api.call('GET', `${packages}/my-tool`)).json).toMatchObject({ statusReason: 'malware' });
    expect(await set(admin, 'active')).toBe(200);
    expect(await set(writer, 'deprecated')).toBe(200);
  });

  test('cannot get a status that does not exist, nor a reason with control characters', async () => {
    expect((await api.call('PATCH', `${packages}/my-tool`, { body: { status: 'gone' } })).status).toBe(400);
    const body = { status: 'archived', reason: 'a\u0000b' };
    expect((await api.call('PATCH', `${packages}/my-tool`, { body })).status).toBe(400);
    expect((await api.call('PATCH', `${packages}/nothing`, { body: { status: 'archived' } })).status).toBe(404);
  });
});

describe('removing', () => {
  const version = `${packages}/tool/versions/1.0`;
  beforeEach(async () => {
    await api.release('tool', '1.0', 'tool-1.0.tar.gz');
    await api.release('tool', '1.0', 'tool-1.0-py3-none-any.whl');
    await api.release('tool', '2.0');
  });

  test('a version takes all its files and leaves the others', async () => {
    expect((await api.call('DELETE', version)).json).toMatchObject({ removed: 2 });
    expect((await api.call('GET', `${packages}/tool`)).json.versions as unknown).toEqual(['2.0']);
    expect((await api.call('DELETE', version)).status).toBe(404);
  });

  test('a file leaves the rest of its version', async () => {
    expect((await api.call('DELETE', `${version}/files/tool-1.0.tar.gz`)).json).toMatchObject({ removed: 1 });
    const { json } = await api.call('GET', `${packages}/tool`);
    expect((json.files as unknown as { name: string }[]).map(({ name }) => name)).toEqual([
      'tool-1.0-py3-none-any.whl',
      'tool-2.0.tar.gz',
    ]);
    expect((await api.call('DELETE', `${version}/files/tool-1.0.tar.gz`)).status).toBe(404);
  });

  test('twice at the same time is done once, and the other is told that there is nothing left', async () => {
    for (const path of [version, `${packages}/tool/versions/2.0/files/tool-2.0.tar.gz`]) {
      const answers = await Promise.all([api.call('DELETE', path), api.call('DELETE', path)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
    }
  });

  test('the last file takes the package out of view', async () => {
    await api.call('DELETE', version);
    await api.call('DELETE', `${packages}/tool/versions/2.0`);
    expect((await api.call('GET', `${packages}/tool`)).status).toBe(404);
    // It was the last of a repository that nobody created by hand, so that one goes as well.
    expect((await api.call('GET', packages)).status).toBe(404);
  });

  test('needs the right to delete: writing is not enough', async () => {
    const writer = await api.token([{ repository: '*', actions: ['read', 'write'] }]);
    expect((await api.call('DELETE', version, { token: writer })).status).toBe(403);
    expect((await api.call('DELETE', `${version}/files/tool-1.0.tar.gz`, { token: null })).status).toBe(401);
  });

  test('a version in another spelling is refused, with the right one', async () => {
    const { status, json } = await api.call('DELETE', `${packages}/tool/versions/1.0.0`);
    expect(status).toBe(404);
    expect(json.error?.hint as unknown).toBe('it is listed as 1.0');
  });
});

describe('yanking', () => {
  const yank = `${packages}/tool/versions/1.0/yank`;
  const yanked = async () => {
    const { json } = await api.call('GET', `${packages}/tool`);
    const files = json.files as unknown as { name: string; yanked: string | null }[];
    return files.toSorted((left, right) => left.name.localeCompare(right.name)).map((file) => file.yanked);
  };
  beforeEach(async () => {
    await api.release('tool', '1.0', 'tool-1.0.tar.gz');
    await api.release('tool', '1.0', 'tool-1.0-py3-none-any.whl');
  });

  test('marks all files of a version with the reason, and can be taken back', async () => {
    expect((await api.call('PUT', yank, { body: { reason: 'broken' } })).json as unknown).toEqual({ changed: 2 });
    expect(await yanked()).toEqual(['broken', 'broken']);
    expect((await api.call('PUT', yank, { body: { reason: 'broken' } })).json as unknown).toEqual({ changed: 0 });
    expect((await api.call('DELETE', yank)).json as unknown).toEqual({ changed: 2 });
    expect(await yanked()).toEqual([null, null]);
  });

  test('works without a body and for one file', async () => {
    expect((await api.call('PUT', yank)).json as unknown).toEqual({ changed: 2 });
    expect(await yanked()).toEqual(['', '']);
    expect((await api.call('DELETE', `${yank}?file=tool-1.0.tar.gz`)).json as unknown).toEqual({ changed: 1 });
    expect(await yanked()).toEqual(['', null]);
  });

  test('needs the right to write', async () => {
    const reader = await api.token([{ repository: '*', actions: ['read', 'delete'] }]);
    expect((await api.call('PUT', yank, { token: reader })).status).toBe(403);
    expect((await api.call('DELETE', yank, { token: null })).status).toBe(401);
  });

  test('of what is not there is not found', async () => {
    expect((await api.call('PUT', `${packages}/tool/versions/3.0/yank`)).status).toBe(404);
    expect((await api.call('PUT', yank, { body: { file: 'other.whl' } })).status).toBe(404);
    expect((await api.call('DELETE', `${yank}?file=other.whl`)).status).toBe(404);
  });

  test('is refused by a format that has no such thing', async () => {
    await api.put('tool/1.0/tool.bin', 'x');
    const path = '/repositories/generic/files/packages/tool/versions/1.0/yank';
    const { status, json } = await api.call('PUT', path);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ code: 'invalid_request' });
    expect((await api.call('DELETE', path)).status).toBe(400);
  });
});

describe('aliases', () => {
  const aliases = '/repositories/generic/files/packages/tool/aliases';
  beforeEach(async () => {
    await api.put('tool/1.0/tool.bin', 'one');
    await api.put('tool/2.0/tool.bin', 'two');
  });

  test('point at a version, can be moved, and are listed', async () => {
    const set = await api.call('PUT', `${aliases}/stable`, { body: { target: '1.0' } });
    expect(set.json as unknown).toEqual({ name: 'stable', target: '1.0' });
    await api.call('PUT', `${aliases}/stable`, { body: { target: '2.0' } });
    expect((await api.call('GET', aliases)).json as unknown).toEqual({ items: [{ name: 'stable', target: '2.0' }] });
    const { json } = await api.call('GET', '/repositories/generic/files/packages/tool');
    expect(json.aliases as unknown).toEqual([{ name: 'stable', target: '2.0' }]);
  });

  test('can be removed, once', async () => {
    await api.call('PUT', `${aliases}/stable`, { body: { target: '1.0' } });
    expect((await api.call('DELETE', `${aliases}/stable`)).status).toBe(204);
    expect((await api.call('DELETE', `${aliases}/stable`)).status).toBe(404);
  });

  test('need a version that exists, and a name that no version has', async () => {
    expect((await api.call('PUT', `${aliases}/stable`, { body: { target: '3.0' } })).status).toBe(404);
    expect((await api.call('PUT', `${aliases}/1.0`, { body: { target: '2.0' } })).status).toBe(409);
    expect((await api.call('PUT', `${aliases}/a%2Fb`, { body: { target: '2.0' } })).status).toBe(400);
    expect((await api.call('PUT', `${aliases}/stable`, { body: {} })).status).toBe(400);
  });

  test('need the right to write', async () => {
    const reader = await api.token([{ repository: '*', actions: ['read', 'delete'] }]);
    const body = { target: '1.0' };
    expect((await api.call('PUT', `${aliases}/stable`, { token: reader, body })).status).toBe(403);
    expect((await api.call('DELETE', `${aliases}/stable`, { token: null })).status).toBe(401);
    expect((await api.call('GET', aliases, { token: null })).status).toBe(200);
  });
});
