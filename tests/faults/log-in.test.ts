import { expect, test } from 'bun:test';
import { basic, bearer, createRepository, createToken, putFile } from '../support/api.ts';
import { TestServer } from '../support/start-server.ts';

test('a wrong token is 401 with a challenge, in every way to send it', async () => {
  await using server = await TestServer.start();
  await createRepository(server, 'pypi/tools');
  for (const path of ['/repo/pypi/tools/', '/repo/generic/tools/', '/api/v1/repositories']) {
    for (const headers of [bearer('pky_wrong'), basic('wrong'), { authorization: 'Digest x' }]) {
      const response = await fetch(`${server.url}${path}`, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^basic/i);
      expect(await response.text()).not.toContain('wrong');
    }
  }
});

test('an address that fails too often has to wait, and is told how long', async () => {
  await using server = await TestServer.start();
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 15; attempt += 1) {
    const response = await fetch(`${server.url}/api/v1/repositories`, { headers: bearer(`guess-${attempt}`) });
    statuses.push(response.status);
    if (response.status === 429) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    await response.arrayBuffer();
  }
  expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
  expect(statuses.at(-1)).toBe(429);
  const anonymous = await fetch(`${server.url}/healthz`);
  expect(anonymous.status).toBe(200);
});

test('a token does what its scopes say and no more', async () => {
  await using server = await TestServer.start();
  await putFile(server, 'mine/p/1/f', 'x');
  await createRepository(server, 'generic/private', { visibility: 'private' });
  const token = await createToken(server, 'narrow', 'generic/mine', ['read', 'write']);
  const url = (path: string) => `${server.url}/repo/generic/${path}`;
  const as = (path: string, method = 'GET') =>
    fetch(url(path), { method, headers: bearer(token), ...(method === 'PUT' ? { body: 'x' } : {}) });
  expect((await as('mine/p/1/g', 'PUT')).status).toBe(201);
  expect((await as('mine/p/1/g')).status).toBe(200);
  expect((await as('mine/p/1/g', 'DELETE')).status).toBe(403);
  expect((await as('other/p/1/g', 'PUT')).status).toBe(403);
  expect([403, 404]).toContain((await as('private/')).status);
  const api = await fetch(`${server.url}/api/v1/tokens`, { headers: bearer(token) });
  expect(api.status).toBe(403);
});

test('secrets never reach the log', async () => {
  await using server = await TestServer.start();
  const token = await createToken(server, 'secret', '*', ['read']);
  await fetch(`${server.url}/api/v1/repositories?token=${token}`, { headers: bearer(token) });
  await fetch(`${server.url}/repo/generic/`, { headers: basic(token) });
  await fetch(`${server.url}/repo/generic/`, { headers: bearer(`${token}-mistyped`) });
  await server.stop();
  expect(server.stderr).not.toContain(token);
  expect(server.stdout).not.toContain(token);
});

test('--anonymous none asks everybody for a token, and write lets everybody upload', async () => {
  {
    await using server = await TestServer.start({ flags: ['--anonymous', 'none'] });
    await putFile(server, 'r/p/1/f', 'x');
    expect((await fetch(`${server.url}/repo/generic/r/p/1/f`)).status).toBe(401);
  }
  {
    await using server = await TestServer.start({ flags: ['--anonymous', 'write'] });
    const response = await fetch(`${server.url}/repo/generic/r/p/1/f`, { method: 'PUT', body: 'x' });
    expect(response.status).toBe(201);
  }
});
