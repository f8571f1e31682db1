import { describe, expect, test } from 'bun:test';
import { addPackage, basic, bearer, createRepository, createToken, publish, putFile } from '../support/api.ts';
import { TestServer } from '../support/start-server.ts';
import { useServer } from '../support/use-server.ts';
import { makeWheel } from '../support/wheel.ts';

const server = useServer();

function remove(path: string, token = server().adminToken): Promise<Response> {
  return fetch(`${server().url}${path}`, { method: 'DELETE', headers: basic(token) });
}

async function get(path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server().url}${path}`, { headers: bearer(server().adminToken) });
  return { status: response.status, text: await response.text() };
}

/** Every list that a repository can be on. */
const LISTS = [
  '/',
  '/repo/generic',
  '/repo/tar/',
  '/repo/pypi',
  '/api/v1/repositories',
  '/api/v1/repositories?format=generic',
];

/** The lists on which a repository is that has this name. */
async function listsWith(name: string): Promise<string[]> {
  const found = await Promise.all(LISTS.map(async (path) => [path, (await get(path)).text] as const));
  return found.filter(([, text]) => text.includes(name)).map(([path]) => path);
}

describe('a repository that an upload made', () => {
  test('is gone from every list and address with its last file, and back with the next', async () => {
    const addresses = [
      '/repo/generic/passing/',
      '/repo/tar/passing/',
      '/repo/generic/passing/tool/1.0/f',
      '/browse/generic/passing',
      '/api/v1/repositories/generic/passing',
      '/api/v1/repositories/generic/passing/packages',
    ];
    const statuses = async () => new Set((await Promise.all(addresses.map(get))).map(({ status }) => status));
    await putFile(server(), 'passing/tool/1.0/f', 'one');
    expect(await listsWith('passing')).toEqual(LISTS.filter((path) => !path.includes('pypi')));
    expect(await statuses()).toEqual(new Set([200]));

    expect((await remove('/repo/generic/passing/tool/1.0/f')).status).toBe(200);
    expect(await listsWith('passing')).toEqual([]);
    expect(await statuses()).toEqual(new Set([404]));
    expect((await get('/api/v1/search?q=tool')).text).not.toContain('passing');

    await putFile(server(), 'passing/tool/1.0/f', 'two');
    expect(await statuses()).toEqual(new Set([200]));
    const { text } = await get('/api/v1/repositories/generic/passing/revisions');
    expect(JSON.parse(text).items.map(({ number }: { number: number }) => number)).toEqual([3, 2, 1]);
  });

  test('is as gone to Python clients as one that never was', async () => {
    const wheel = makeWheel({ name: 'leaving', version: '1.0' });
    await publish(server(), 'leaving', wheel);
    expect((await get('/repo/pypi/leaving/')).status).toBe(200);
    await remove(`/repo/pypi/leaving/leaving/${wheel.fileName}`);
    const [gone, never] = [await get('/repo/pypi/leaving/'), await get('/repo/pypi/never-was/')];
    expect(gone.status).toBe(404);
    expect(gone.text.replaceAll('leaving', 'never-was')).toBe(never.text);
    expect(await listsWith('leaving')).toEqual([]);
  });

  test('stays where somebody has chosen one of its settings', async () => {
    await putFile(server(), 'chosen/tool/1.0/f', 'one');
    const response = await fetch(`${server().url}/api/v1/repositories/generic/chosen`, {
      method: 'PATCH',
      headers: { ...bearer(server().adminToken), 'content-type': 'application/json' },
      body: JSON.stringify({ visibility: 'public' }),
    });
    expect(response.status).toBe(200);
    await remove('/repo/generic/chosen/tool/1.0/f');
    expect(await listsWith('chosen')).toHaveLength(LISTS.length - 1);
    expect((await get('/browse/generic/chosen')).text).toContain('Nothing is published here yet');
  });

  test('comes back with its rights: who may write everywhere else may not write into a private one', async () => {
    await using open = await TestServer.start({ flags: ['--anonymous', 'write'] });
    await createRepository(open, 'generic/vault', { visibility: 'private', keepEmpty: false });
    const put = (name: string) => fetch(`${open.url}/repo/generic/${name}/tool/1.0/f`, { method: 'PUT', body: 'x' });
    expect((await put('anything')).status).toBe(201);
    expect((await put('vault')).status).toBe(401);
    expect((await putFile(open, 'vault/tool/1.0/f', 'x')).status).toBe(201);
    expect((await fetch(`${open.url}/repo/generic/vault/tool/1.0/f`)).status).toBe(401);
  });
});

test('a server that keeps empty repositories keeps those that uploads made', async () => {
  await using keeping = await TestServer.start({ env: { PACKYARD_REPOSITORIES_KEEP_EMPTY: 'true' } });
  await putFile(keeping, 'lasting/tool/1.0/f', 'one');
  await fetch(`${keeping.url}/repo/generic/lasting/tool/1.0/f`, {
    method: 'DELETE',
    headers: bearer(keeping.adminToken),
  });
  expect((await fetch(`${keeping.url}/repo/generic/lasting/`)).status).toBe(200);
  expect(await (await fetch(keeping.url)).text()).toContain('lasting');
});

describe("artifactd's DELETE", () => {
  const wheel = makeWheel({ name: 'old_hand', version: '1.0' });

  test.each(['old-hand', 'Old_Hand', 'anything', '-'])(
    'of a wheel is answered with OK, with %p in the middle of the address',
    async (middle) => {
      await publish(server(), 'legacy', wheel);
      const response = await remove(`/repo/pypi/legacy/${middle}/${wheel.fileName}`);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('OK');
      expect((await remove(`/repo/pypi/legacy/${middle}/${wheel.fileName}`)).status).toBe(404);
    },
  );

  test('of a tarball is answered with OK, whatever package the address names', async () => {
    const upload = { provider: 'tar', reponame: 'legacy', name: 'hi', version: '1.0' };
    for (const middle of ['hi', 'anything']) {
      expect((await addPackage(server(), upload, 'x.tar.gz', new TextEncoder().encode(middle))).status).toBe(201);
      const response = await remove(`/repo/tar/legacy/${middle}/hi-1.0.tar.gz`);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('OK');
    }
  });

  test('needs a token that may delete', async () => {
    await publish(server(), 'guarded', wheel);
    await putFile(server(), 'guarded/hi/1.0/hi-1.0.tar.gz', 'x');
    const writer = await createToken(server(), 'writer', '*', ['read', 'write']);
    const remover = await createToken(server(), 'remover', '*/guarded', ['delete']);
    for (const path of [`/repo/pypi/guarded/old-hand/${wheel.fileName}`, '/repo/tar/guarded/hi/hi-1.0.tar.gz']) {
      expect((await fetch(`${server().url}${path}`, { method: 'DELETE' })).status).toBe(401);
      expect((await remove(path, writer)).status).toBe(403);
      expect((await remove(path, remover)).status).toBe(200);
    }
  });
});
