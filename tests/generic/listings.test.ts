import { describe, expect, test } from 'bun:test';
import { addPackage, bearer, createRepository, createToken, putFile } from '../support/api.ts';
import { clientTest } from '../support/clients.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';

const server = useServer();

async function page(path: string, accept = 'text/html'): Promise<string> {
  const response = await fetch(`${server().url}/repo/${path}`, { headers: { accept } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toStartWith(accept);
  return response.text();
}

/** Every link of a page, followed from where the page is. */
function links(html: string, base: string): string[] {
  return [...html.matchAll(/href=["']([^"']+)["']/g)].map(([, href]) => new URL(href ?? '', base).pathname);
}

test('listings lead from the repository to packages, versions and files', async () => {
  for (const path of ['tool/1.0/a.bin', 'tool/1.0/b.bin', 'tool/1.1/a.bin', 'other/2/x']) {
    await putFile(server(), `walk/${path}`, path);
  }
  const seen = new Set<string>();
  const open = ['/repo/generic/walk/'];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    if (!path.endsWith('/')) continue;
    const html = await page(path.slice('/repo/'.length));
    open.push(...links(html, `${server().url}${path}`).filter((link) => link.startsWith('/repo/generic/walk/')));
  }
  for (const path of ['tool/1.0/a.bin', 'tool/1.0/b.bin', 'tool/1.1/a.bin', 'other/2/x']) {
    expect(seen).toContain(`/repo/generic/walk/${path}`);
  }
});

test('a JSON listing is given to those who ask for JSON', async () => {
  await putFile(server(), 'json/tool/1.0/a.bin', 'abc');
  for (const [path, name] of [
    ['generic/json/', 'tool'],
    ['generic/json/tool/', '1.0'],
    ['generic/json/tool/1.0/', 'a.bin'],
  ] as const) {
    const text = await page(path, 'application/json');
    expect(JSON.stringify(JSON.parse(text))).toContain(JSON.stringify(name));
  }
});

test('hostile names are shown as text, never as markup', async () => {
  const name = '<img src=x onerror=alert(1)>&"\'.txt';
  await putFile(server(), `hostile/p/1/${encodeURIComponent(name)}`, 'x');
  const html = await page('generic/hostile/p/1/');
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;img');
});

test('latest means the newest version', async () => {
  for (const version of ['1.9', '1.10', '1.2']) await putFile(server(), `latest/tool/${version}/f`, version);
  const response = await fetch(`${server().url}/repo/generic/latest/tool/latest/f`);
  expect([response.status, await response.text()]).toEqual([200, '1.10']);
});

test('a page of packages begins after any name, and after nothing that cannot be one', async () => {
  for (const name of ['a', 'b', 'c']) await putFile(server(), `after/${name}/1/f`, name);
  const json = JSON.parse(await page('generic/after/?after=a', 'application/json'));
  expect(json.items.map((item: { name: string }) => item.name)).toEqual(['b', 'c']);
  for (const after of ['x'.repeat(300), 'a%00b', 'a%2Fb', '..']) {
    expect((await fetch(`${server().url}/repo/generic/after/?after=${after}`)).status).toBe(400);
  }
});

test('listings and checksums are never anything but what their types say', async () => {
  await putFile(server(), 'sniff/p/1/f', 'x');
  for (const path of ['', 'p/', 'p/1/', 'p/1/SHA256SUMS', 'p/1/f.sha256', 'p/1/nothing']) {
    const response = await fetch(`${server().url}/repo/generic/sniff/${path}`);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('what is not there is 404 with a body that says so', async () => {
  await createRepository(server(), 'generic/empty');
  for (const path of ['generic/no-such/p/1/f', 'generic/empty/p/1/f', 'generic/empty/p/', 'no-such-format/r/p/1/f']) {
    const response = await fetch(`${server().url}/repo/${path}`);
    expect(response.status).toBe(404);
    expect((await response.text()).length).toBeGreaterThan(10);
  }
});

describe('provider=tar, as artifactd has it', () => {
  clientTest('stores <name>-<version>.tar.gz whatever the file was called, and lists it', 'curl', async (curl) => {
    using folder = new TempFolder();
    await Bun.write(folder.join('cpython-3.8.0b1.tgz'), 'the tarball');
    const query = 'provider=tar&reponame=cpython&name=cpython&version=3.8.0b1';
    const form = ['-F', `f=@${folder.join('cpython-3.8.0b1.tgz')}`];
    const token = ['-H', `Authorization: Bearer ${server().adminToken}`];
    const answer = await curl.ok(['-sSf', ...token, ...form, `${server().url}/addpkg?${query}`]);
    expect(JSON.parse(answer.stdout)).toMatchObject({ ok: true, file: { name: 'cpython-3.8.0b1.tar.gz', size: 11 } });
    const root = await page('tar/cpython/');
    expect(links(root, `${server().url}/repo/tar/cpython/`)).toContain('/repo/tar/cpython/cpython/');
    const files = links(await page('tar/cpython/cpython/'), `${server().url}/repo/tar/cpython/cpython/`);
    const file = files.find((link) => link.endsWith('/cpython-3.8.0b1.tar.gz'));
    expect((await curl.ok(['-sSf', '-L', `${server().url}${file}`])).stdout).toBe('the tarball');
  });

  test('gets a file by its package and name, and deletes it there', async () => {
    const parameters = { provider: 'tar', reponame: 'middle', name: 'p', version: '1' };
    expect((await addPackage(server(), parameters, 'p.tar.gz', new Uint8Array([1, 2, 3]))).status).toBeLessThan(300);
    const url = `${server().url}/repo/tar/middle/p/p-1.tar.gz`;
    expect(await (await fetch(url)).bytes()).toEqual(new Uint8Array([1, 2, 3]));
    expect((await fetch(url, { method: 'DELETE', headers: bearer(server().adminToken) })).ok).toBe(true);
    expect((await fetch(url)).status).toBe(404);
  });
});

test('a private repository shows neither files nor listings without a token', async () => {
  await createRepository(server(), 'generic/secret', { visibility: 'private' });
  await putFile(server(), 'secret/p/1/f', 'x');
  const token = await createToken(server(), 'reader', 'generic/secret', ['read']);
  for (const path of ['generic/secret/', 'generic/secret/p/', 'generic/secret/p/1/f', 'generic/secret/p/1/f.sha256']) {
    const without = await fetch(`${server().url}/repo/${path}`);
    expect(without.status).toBe(401);
    expect(without.headers.get('www-authenticate')).toMatch(/^basic/i);
    const withToken = await fetch(`${server().url}/repo/${path}`, { headers: bearer(token) });
    expect(withToken.status).toBe(200);
    await withToken.arrayBuffer();
  }
});
