import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createTestApi, type TestApi } from './testing.ts';

let api: TestApi;
beforeEach(async () => {
  api = await createTestApi();
});
afterEach(() => api.dispose());

const tools = '/repositories/pypi/tools';

function names(json: { readonly items?: unknown }): string[] {
  return (json.items as { name: string }[]).map(({ name }) => name);
}

describe('removing a package', () => {
  const path = `${tools}/packages/my-tool`;
  beforeEach(async () => {
    for (const version of ['1.0', '2.0']) await api.release('My_Tool', version);
    await api.release('other', '1.0');
  });

  test('takes all its versions, and says until when that can be undone', async () => {
    const { status, json } = await api.call('DELETE', `${tools}/packages/My.Tool`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ removed: 2 });
    expect(Date.parse(String(json.undoUntil)) - Date.now()).toBeWithin(6.9 * 86_400_000, 7.1 * 86_400_000);
    expect((await api.call('GET', path)).status).toBe(404);
    expect((await api.call('DELETE', path)).status).toBe(404);
    expect(names((await api.call('GET', `${tools}/packages`)).json)).toEqual(['other']);
  });

  test('needs the right to delete', async () => {
    const writer = await api.token([{ repository: '*', actions: ['read', 'write'] }]);
    expect((await api.call('DELETE', path, { token: writer })).status).toBe(403);
    expect((await api.call('DELETE', path, { token: null })).status).toBe(401);
  });
});

describe('what was deleted', () => {
  beforeEach(async () => {
    for (const version of ['1.0', '2.0', '3.0']) await api.release('tool', version);
    await api.call('DELETE', `${tools}/packages/tool/versions/1.0`);
    await api.call('DELETE', `${tools}/packages/tool/versions/2.0`);
  });

  test('is listed with who, when and until when, page by page, and can be narrowed', async () => {
    const first = await api.call('GET', `${tools}/deleted?limit=1`);
    expect(first.json.items?.[0]).toMatchObject({
      package: 'tool',
      version: '2.0',
      name: 'tool-2.0.tar.gz',
      revision: 5,
      removedBy: 'root',
      reason: 'remove tool/tool-2.0.tar.gz',
    });
    expect(Date.parse(String(first.json.items?.[0]?.until))).toBeGreaterThan(Date.now());
    const second = await api.call('GET', `${tools}/deleted?limit=1&before=${first.json.next}`);
    expect(names(second.json)).toEqual(['tool-1.0.tar.gz']);
    expect(Object.keys(second.json)).toEqual(['items']);
    expect(names((await api.call('GET', `${tools}/deleted?package=Tool&version=1.0`)).json)).toEqual([
      'tool-1.0.tar.gz',
    ]);
    expect(names((await api.call('GET', `${tools}/deleted?revision=5`)).json)).toEqual(['tool-2.0.tar.gz']);
    expect((await api.call('GET', `${tools}/deleted?before=x`)).status).toBe(400);
  });

  test('comes back as a version, a file, or all that a revision removed', async () => {
    const back = await api.call('POST', `${tools}/undelete`, { body: { package: 'Tool', version: '1.0' } });
    expect(back.json as unknown).toEqual({ restored: 1, revision: 6 });
    const more = await api.call('POST', `${tools}/undelete`, { body: { revision: 5 } });
    expect(more.json as unknown).toEqual({ restored: 1, revision: 7 });
    expect((await api.call('GET', `${tools}/packages/tool`)).json.versions as unknown).toEqual(['3.0', '2.0', '1.0']);
    expect((await api.call('POST', `${tools}/undelete`, { body: { package: 'tool' } })).status).toBe(404);
  });

  test('can be brought back into a repository that went out of view with it', async () => {
    await api.call('DELETE', `${tools}/packages/tool`);
    expect((await api.call('GET', tools)).status).toBe(404);
    expect((await api.call('GET', `${tools}/deleted`)).status).toBe(200);
    const file = { package: 'tool', version: '3.0', file: 'tool-3.0.tar.gz' };
    expect((await api.call('POST', `${tools}/undelete`, { body: file })).status).toBe(200);
    expect((await api.call('GET', tools)).json).toMatchObject({ files: 1 });
  });

  test('comes back only for who may delete', async () => {
    const writer = await api.token([{ repository: '*', actions: ['read', 'write'] }]);
    const body = { package: 'tool' };
    expect((await api.call('POST', `${tools}/undelete`, { token: writer, body })).status).toBe(403);
    expect((await api.call('POST', `${tools}/undelete`, { token: null, body })).status).toBe(401);
    expect((await api.call('GET', `${tools}/deleted`, { token: writer })).status).toBe(403);
  });

  for (const body of [{}, { version: '1.0' }, { file: 'x', revision: 5 }, { package: 'tool', colour: 'red' }]) {
    test(`is not guessed from ${JSON.stringify(body)}`, async () => {
      const { status, json } = await api.call('POST', `${tools}/undelete`, { body });
      expect(status).toBe(400);
      expect(json.error).toMatchObject({ code: 'invalid_request' });
    });
  }

  test('is a conflict where other bytes have its place, unless those are to be left out', async () => {
    await api.call('PATCH', tools, { body: { writePolicy: 'overwrite' } });
    const put = (text: string) => api.put('tool/1.0/f', text, 'other');
    await put('old');
    await api.put('tool/2.0/f', 'second', 'other');
    await api.call('DELETE', '/repositories/generic/other/packages/tool');
    await put('new');
    const path = '/repositories/generic/other/undelete';
    const refused = await api.call('POST', path, { body: { package: 'tool' } });
    expect(refused.status).toBe(409);
    expect(String(refused.json.error?.message)).toContain('tool/1.0/f');
    const { json } = await api.call('POST', path, { body: { package: 'tool', skipTaken: true } });
    expect(json).toMatchObject({ restored: 1 });
  });
});

describe('a removed repository', () => {
  let id: unknown;
  beforeEach(async () => {
    await api.release('tool', '1.0');
    await api.call('DELETE', tools);
    const { json } = await api.call('GET', '/deleted-repositories?format=pypi&name=tools');
    expect(json.items?.[0]).toMatchObject({ format: 'pypi', name: 'tools', files: 1, removedBy: 'root' });
    id = json.items?.[0]?.id;
  });

  test('comes back with everything in it', async () => {
    const { status, json } = await api.call('POST', `/deleted-repositories/${id}/undelete`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ format: 'pypi', name: 'tools', files: 1 });
    expect((await api.call('GET', `${tools}/packages/tool`)).status).toBe(200);
    expect((await api.call('POST', `/deleted-repositories/${id}/undelete`)).status).toBe(404);
  });

  test('is a conflict while another one has its name', async () => {
    await api.release('tool', '2.0');
    const { status, json } = await api.call('POST', `/deleted-repositories/${id}/undelete`);
    expect(status).toBe(409);
    expect(String(json.error?.hint)).toContain('packyard repo delete pypi/tools');
  });

  test('is there only for its administrators', async () => {
    const own = await api.token([{ repository: 'pypi/*', actions: ['admin'] }]);
    const other = await api.token([{ repository: 'generic/*', actions: ['admin'] }]);
    const list = async (token: string | null) => {
      const { status, json } = await api.call('GET', '/deleted-repositories', { token });
      return [status, json.items?.length];
    };
    expect(await list(own)).toEqual([200, 1 as never]);
    expect(await list(other)).toEqual([200, 0 as never]);
    const undelete = async (token: string | null, number: unknown = id) =>
      (await api.call('POST', `/deleted-repositories/${number}/undelete`, { token })).status;
    expect(await undelete(null)).toBe(401);
    // The same as for a number that there is not: nobody learns from the answer what others have removed.
    expect([await undelete(other), await undelete(other, 4711)]).toEqual([403, 403]);
    expect(await undelete(own)).toBe(200);
  });
});

describe('settings of a repository', () => {
  beforeEach(async () => {
    await api.call('POST', '/repositories', {
      body: { format: 'pypi', name: 'tools', downloads: 'proxy', retention: { keepVersions: 5 } },
    });
  });

  test('are given when it is created and shown with it', async () => {
    expect((await api.call('GET', tools)).json).toMatchObject({
      downloads: 'proxy',
      keepEmpty: true,
      retention: { keepVersions: 5, keepDays: null },
      files: 0,
    });
  });

  test('change one by one; null ends a rule, or all of them', async () => {
    const patch = async (body: unknown) => (await api.call('PATCH', tools, { body })).json;
    expect(await patch({ retention: { keepDays: 30 } })).toMatchObject({
      retention: { keepVersions: 5, keepDays: 30 },
    });
    expect(await patch({ retention: { keepVersions: null } })).toMatchObject({
      downloads: 'proxy',
      retention: { keepVersions: null, keepDays: 30 },
    });
    expect(await patch({ retention: null })).toMatchObject({ retention: { keepVersions: null, keepDays: null } });
    expect(await patch({ keepEmpty: false })).toMatchObject({ keepEmpty: false });
    // Empty, and nobody wants to keep it any more.
    expect((await api.call('GET', tools)).status).toBe(404);
  });

  for (const retention of [{ keepVersions: 0 }, { keepDays: 1.5 }, { keepDays: 'x' }, { keepMonths: 1 }, []]) {
    test(`refuse retention ${JSON.stringify(retention)} and name the field`, async () => {
      const { status, json } = await api.call('PATCH', tools, { body: { retention } });
      expect(status).toBe(400);
      expect(String(json.error?.message)).toContain('body field retention');
    });
  }
});

describe('retention', () => {
  beforeEach(async () => {
    for (const version of ['1.0', '2.0', '3.0']) {
      await api.release('tool', version);
      api.clock.now += 1000;
    }
  });

  test('is previewed by who may read and applied by who may delete', async () => {
    await api.call('PATCH', tools, { body: { retention: { keepVersions: 1 } } });
    const reader = await api.token([{ repository: '*', actions: ['read', 'write'] }]);
    const remover = await api.token([{ repository: '*', actions: ['delete'] }]);
    const { json } = await api.call('GET', `${tools}/retention/preview`, { token: reader });
    expect((json.items as unknown as { version: string; reason: string }[]).map((item) => item.version)).toEqual([
      '2.0',
      '1.0',
    ]);
    expect(json.items?.[0]).toMatchObject({ package: 'tool', files: 1, reason: 'not the newest' });
    expect((await api.call('POST', `${tools}/retention/apply`, { token: reader })).status).toBe(403);
    const applied = await api.call('POST', `${tools}/retention/apply`, { token: remover });
    expect(applied.json).toMatchObject({ versions: 2, files: 2, revisions: [4] });
    expect((await api.call('GET', `${tools}/packages/tool`)).json.versions as unknown).toEqual(['3.0']);
    const again = await api.call('POST', `${tools}/retention/apply`, { token: remover });
    expect(again.json).toMatchObject({ versions: 0, revisions: [] });
    await api.call('POST', `${tools}/undelete`, { body: { revision: 4 } });
    expect((await api.call('GET', `${tools}/packages/tool`)).json.versions as unknown).toHaveLength(3);
  });

  test('without rules removes nothing, and says how to make one', async () => {
    expect((await api.call('GET', `${tools}/retention/preview`)).json.items as unknown).toEqual([]);
    const { status, json } = await api.call('POST', `${tools}/retention/apply`);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ message: 'pypi/tools has no retention rules: it keeps everything' });
  });
});

test('an emptied private repository is not open to everybody who writes', async () => {
  await api.put('tool/1.0/f', 'x', 'vault');
  const vault = '/repositories/generic/vault';
  await api.call('PATCH', vault, { body: { visibility: 'private', keepEmpty: false } });
  await api.call('DELETE', `${vault}/packages/tool`);
  expect((await api.call('GET', vault, { token: null })).status).toBe(401);
  expect((await api.call('GET', vault)).status).toBe(404);
});
