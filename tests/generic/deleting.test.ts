import { describe, expect, test } from 'bun:test';
import { bearer, putFile } from '../support/api.ts';
import { useServer } from '../support/use-server.ts';

const server = useServer();

function remove(path: string): Promise<Response> {
  const headers = { ...bearer(server().adminToken), accept: 'application/json' };
  return fetch(`${server().url}/repo/${path}`, { method: 'DELETE', headers });
}

async function isThere(path: string): Promise<boolean> {
  return (await fetch(`${server().url}/repo/generic/${path}`)).ok;
}

describe('DELETE of a file without a version', () => {
  test('is refused, with the way that there is', async () => {
    await putFile(server(), 'plain/p/1/f', 'one');
    const response = await remove('generic/plain/p/f');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { hint: 'DELETE …/PACKAGE/VERSION/FILE' } });
    expect(await isThere('plain/p/1/f')).toBe(true);
  });

  test('below /repo/tar/ removes the one file of that name', async () => {
    await putFile(server(), 'one/p/1/p-1.tar.gz', 'one');
    await putFile(server(), 'one/p/2/p-2.tar.gz', 'two');
    expect((await remove('tar/one/p/p-1.tar.gz')).status).toBe(200);
    expect(await isThere('one/p/1/p-1.tar.gz')).toBe(false);
    expect(await isThere('one/p/2/p-2.tar.gz')).toBe(true);
    expect((await remove('tar/one/p/p-1.tar.gz')).status).toBe(404);
  });

  test('below /repo/tar/ is a conflict where versions share the name, and removes nothing', async () => {
    for (const version of ['1', '2']) await putFile(server(), `shared/p/${version}/p.tar.gz`, version);
    const response = await remove('tar/shared/p/p.tar.gz');
    expect(response.status).toBe(409);
    expect(JSON.stringify(await response.json())).toContain('p/1, p/2');
    expect(await isThere('shared/p/1/p.tar.gz')).toBe(true);
    expect(await isThere('shared/p/2/p.tar.gz')).toBe(true);
    expect((await remove('tar/shared/p/1/p.tar.gz')).status).toBe(200);
    expect(await isThere('shared/p/2/p.tar.gz')).toBe(true);
  });

  test('below /repo/tar/ is a conflict where the name alone could be of two packages', async () => {
    await putFile(server(), 'either/a/1-2/a-1-2.tar.gz', 'one');
    await putFile(server(), 'either/a-1/2/a-1-2.tar.gz', 'two');
    const response = await remove('tar/either/other/a-1-2.tar.gz');
    expect(response.status).toBe(409);
    expect(JSON.stringify(await response.json())).toContain('a/1-2, a-1/2');
    expect((await remove('tar/either/a/a-1-2.tar.gz')).status).toBe(200);
    expect(await isThere('either/a/1-2/a-1-2.tar.gz')).toBe(false);
    expect(await isThere('either/a-1/2/a-1-2.tar.gz')).toBe(true);
  });
});
