import { describe, expect, test } from 'bun:test';
import { addPackage, bearer, createToken } from '../support/api.ts';
import { type Client, clientTest } from '../support/clients.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { makeEgg, makeWheel } from '../support/wheel.ts';

const server = useServer();

async function curlForm(curl: Client, query: string, file: string): Promise<unknown> {
  const token = ['-H', `Authorization: Bearer ${server().adminToken}`];
  const result = await curl.ok(['-sS', ...token, '-F', `f=@${file}`, `${server().url}/addpkg?${query}`]);
  return JSON.parse(result.stdout);
}

clientTest('curl -F uploads an egg, as the README of artifactd shows it', 'curl', async (curl) => {
  using folder = new TempFolder();
  const egg = makeEgg({ name: 'pyircbot', version: '4.0.0.post3' });
  await Bun.write(folder.join(egg.fileName), egg.bytes);
  const query = 'provider=pypi&reponame=eggs&name=pyircbot&version=4.0.0.post3';
  expect(await curlForm(curl, query, folder.join(egg.fileName))).toMatchObject({
    ok: true,
    repository: 'pypi/eggs',
    package: 'pyircbot',
    version: '4.0.0.post3',
    result: 'created',
    file: { name: egg.fileName, size: egg.bytes.length, sha256: egg.sha256 },
  });
});

clientTest(
  'the answer names the file, where it is, and the revision; the same again is unchanged',
  'curl',
  async (curl) => {
    using folder = new TempFolder();
    const wheel = makeWheel({ name: 'My.Demo', version: '1.0' });
    await Bun.write(folder.join(wheel.fileName), wheel.bytes);
    const query = 'provider=pypi&reponame=wheels&name=my-demo&version=1.0';
    const first = await curlForm(curl, query, folder.join(wheel.fileName));
    expect(first).toMatchObject({ ok: true, package: 'my-demo', result: 'created', revision: 1 });
    const { file } = first as { file: { url: string } };
    const bytes = await (await fetch(new URL(file.url, server().url))).bytes();
    expect(bytes).toEqual(wheel.bytes);
    const second = await curlForm(curl, query, folder.join(wheel.fileName));
    expect(second).toMatchObject({ ok: true, result: 'unchanged', revision: 1 });
  },
);

clientTest('parameters may be form fields, before or after the file', 'curl', async (curl) => {
  using folder = new TempFolder();
  await Bun.write(folder.join('f.bin'), 'bytes');
  const fields = ['provider=generic', 'reponame=fields', 'name=p'].flatMap((field) => ['-F', field]);
  const token = ['-H', `Authorization: Bearer ${server().adminToken}`];
  const file = ['-F', `f=@${folder.join('f.bin')}`];
  for (const [version, form] of [
    ['1', [...fields, '-F', 'version=1', ...file]],
    ['2', [...file, ...fields, '-F', 'version=2']],
  ] as const) {
    const result = await curl.ok(['-sS', ...token, ...form, `${server().url}/addpkg`]);
    expect(JSON.parse(result.stdout)).toMatchObject({ ok: true, package: 'p', version });
  }
});

describe('an upload that cannot be right', () => {
  const right = { provider: 'generic', reponame: 'r', name: 'p', version: '1' };
  test.each(['provider', 'reponame', 'name', 'version'] as const)('without %s is 400 and says so', async (missing) => {
    const parameters = Object.fromEntries(Object.entries(right).filter(([name]) => name !== missing));
    const response = await addPackage(server(), parameters, 'f', new Uint8Array([1]));
    expect(response.status).toBe(400);
    const body = await response.json();
    expect(body).toMatchObject({ ok: false, error: { code: 'invalid_request', requestId: expect.any(String) } });
    expect(JSON.stringify(body)).toContain(missing);
  });

  test('of other bytes under a published name is 409', async () => {
    await addPackage(server(), { ...right, reponame: 'taken' }, 'f', new Uint8Array([1]));
    const response = await addPackage(server(), { ...right, reponame: 'taken' }, 'f', new Uint8Array([2]));
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ ok: false, error: { code: 'conflict' } });
  });

  test('without a token is 401, with one that may not write 403', async () => {
    const form = () => {
      const data = new FormData();
      data.append('f', new Blob(['x']), 'f');
      return data;
    };
    const url = `${server().url}/addpkg?${new URLSearchParams(right)}`;
    const without = await fetch(url, { method: 'POST', body: form() });
    expect(without.status).toBe(401);
    expect(without.headers.get('www-authenticate')).toMatch(/^basic/i);
    const token = await createToken(server(), 'reader', '*', ['read']);
    expect((await fetch(url, { method: 'POST', body: form(), headers: bearer(token) })).status).toBe(403);
  });
});
