import { expect, test } from 'bun:test';
import { putFile } from '../support/api.ts';
import { inCheckout } from '../support/paths.ts';
import { run } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { makeWheel } from '../support/wheel.ts';

const server = useServer();

function packyard(args: readonly string[], token = server().adminToken, cwd?: string) {
  const env = { PACKYARD_URL: server().url, PACKYARD_TOKEN: token };
  return run(['node', inCheckout('bin/packyard'), ...args], { env, cwd });
}

async function json(args: readonly string[]) {
  const result = await packyard(['--json', ...args]);
  expect(result).toMatchObject({ code: 0 });
  return JSON.parse(result.stdout);
}

/** Makes a token and returns its secret: the one thing on standard output. */
async function createToken(name: string, ...options: string[]): Promise<string> {
  const result = await packyard(['token', 'create', name, ...options]);
  expect(result).toMatchObject({ code: 0 });
  expect(result.stdout).toMatch(/^pky_[A-Za-z0-9]{43}\n$/);
  return result.stdout.trim();
}

test('packyard repo creates, shows, changes, lists and deletes a repository', async () => {
  expect(await packyard(['repo', 'create', 'pypi/team', '--visibility', 'private'])).toMatchObject({ code: 0 });
  expect(await packyard(['repo', 'create', 'pypi/team'])).toMatchObject({ code: 5 });
  expect((await fetch(`${server().url}/repo/pypi/team/`)).status).toBe(401);
  expect(await packyard(['repo', 'update', 'pypi/team', '--visibility', 'public'])).toMatchObject({ code: 0 });
  expect((await fetch(`${server().url}/repo/pypi/team/`)).status).toBe(200);
  expect(await json(['repo', 'list'])).toContainEqual(
    expect.objectContaining({ format: 'pypi', name: 'team', visibility: 'public' }),
  );
  expect(await packyard(['repo', 'delete', 'pypi/team', '--yes'])).toMatchObject({ code: 0 });
  expect(await packyard(['repo', 'show', 'pypi/team'])).toMatchObject({ code: 3 });
});

test('packyard token makes a token that does what its scope says, until it is revoked', async () => {
  const secret = await createToken('ci', '--scope', 'generic/ci:read,write', '--expires', '90d');
  const put = (path: string) =>
    fetch(`${server().url}/repo/generic/${path}`, {
      method: 'PUT',
      body: 'x',
      headers: { authorization: `Bearer ${secret}` },
    });
  expect((await put('ci/p/1/f')).status).toBe(201);
  expect((await put('other/p/1/f')).status).toBe(403);
  expect(await packyard(['token', 'list'], secret)).toMatchObject({ code: 4 });
  const listed = await packyard(['--json', 'token', 'list']);
  expect(listed.output).not.toContain(secret);
  const { id } = JSON.parse(listed.stdout).find((token: { name: string }) => token.name === 'ci');
  expect(await packyard(['token', 'revoke', id])).toMatchObject({ code: 0 });
  expect((await put('ci/p/1/g')).status).toBe(401);
});

test('a token that has expired is refused', async () => {
  const response = await fetch(`${server().url}/api/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server().adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'short',
      scopes: [{ repository: '*', actions: ['admin'] }],
      expiresAt: new Date(Date.now() + 1500).toISOString(),
    }),
  });
  const { token } = (await response.json()) as { token: string };
  expect(await packyard(['token', 'list'], token)).toMatchObject({ code: 0 });
  await Bun.sleep(1600);
  const late = await packyard(['token', 'list'], token);
  expect(late).toMatchObject({ code: 4 });
  expect(late.stderr).toContain('expired');
});

test('packyard token recover makes a new administrator token from the data folder, while the server runs', async () => {
  const { dataDir, databaseUrl } = server();
  const command = ['node', inCheckout('bin/packyard'), 'token', 'recover'];
  const result = await run([...command, '--data', dataDir, '--database', databaseUrl]);
  expect(result).toMatchObject({ code: 0 });
  const [secret = ''] = result.stdout.match(/pky_[A-Za-z0-9]{43}/) ?? [];
  expect(await packyard(['token', 'list'], secret)).toMatchObject({ code: 0 });
});

test('packyard yank, unyank, alias and delete change what clients see', async () => {
  using folder = new TempFolder();
  const wheel = makeWheel({ name: 'changing', version: '1.0' });
  await Bun.write(folder.join(wheel.fileName), wheel.bytes);
  await packyard(['upload', 'pypi/changes', wheel.fileName], undefined, folder.path);
  const page = async () => (await fetch(`${server().url}/repo/pypi/changes/changing/`)).text();
  expect(await packyard(['yank', 'pypi/changes', 'changing@1.0', '--reason', 'broken'])).toMatchObject({ code: 0 });
  expect(await page()).toContain('data-yanked="broken"');
  expect(await packyard(['unyank', 'pypi/changes', 'changing@1.0'])).toMatchObject({ code: 0 });
  expect(await page()).not.toContain('data-yanked');
  expect(await packyard(['delete', 'pypi/changes', 'changing@1.0', '--yes'])).toMatchObject({ code: 0 });
  expect(await page()).not.toContain(wheel.fileName);

  await putFile(server(), 'named/tool/1.0/f', 'one');
  await putFile(server(), 'named/tool/2.0/f', 'two');
  const file = async (version: string) => (await fetch(`${server().url}/repo/generic/named/tool/${version}/f`)).text();
  expect(await file('latest')).toBe('two');
  expect(await packyard(['alias', 'set', 'generic/named', 'tool@1.0', 'latest'])).toMatchObject({ code: 0 });
  expect(await file('latest')).toBe('one');
  expect(await packyard(['alias', 'set', 'generic/named', 'tool@9.9', 'next'])).toMatchObject({ code: 3 });
  expect(await packyard(['alias', 'delete', 'generic/named', 'tool', 'latest'])).toMatchObject({ code: 0 });
  expect(await file('latest')).toBe('two');
});
