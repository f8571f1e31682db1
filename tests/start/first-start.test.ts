import { expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { putFile } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { inCheckout } from '../support/paths.ts';
import { run } from '../support/run.ts';
import { TestServer } from '../support/start-server.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { createTestDatabase } from '../support/test-database.ts';

test('the first start prints address, data folder, token and three commands; the second only the address', async () => {
  await using server = await TestServer.start();
  const first = server.stdout;
  expect(first).toContain(server.url);
  expect(first).toContain(server.dataDir);
  expect(first).toContain(server.adminToken);
  const commands = first
    .split('\n')
    .filter((line) => /^\s*\$?\s*(curl|pip|python3?|twine|uv|npm|npx|packyard|bin\/packyard|export) /.test(line));
  expect(commands.length).toBeGreaterThanOrEqual(3);
  await putFile(server, 'kept/p/1/f', 'kept');

  await server.restart();
  // It may answer before the pipe has brought what it prints.
  await eventually('it prints its address', () => server.output.includes(server.url));
  expect(server.output).not.toContain(server.adminToken);
  expect(await (await fetch(`${server.url}/repo/generic/kept/p/1/f`)).text()).toBe('kept');
  expect((await putFile(server, 'kept/p/1/g', 'the token still works')).status).toBe(201);
});

test('servers that start together on one empty database print one token between them, and it works at all of them', async () => {
  for (let round = 0; round < 3; round += 1) {
    const database = await createTestDatabase();
    using folder = new TempFolder('blobs');
    const options = { database: database.url, storage: `file:${folder.path}` };
    const servers = await Promise.all([1, 2, 3].map(() => TestServer.start(options)));
    const tokens = () => servers.flatMap((server) => server.stdout.match(/^ {2}pky_\S+$/gm) ?? []);
    const listed = async ({ url }: TestServer): Promise<string> => {
      const headers = { authorization: `Bearer ${tokens()[0]?.trim()}` };
      return await (await fetch(`${url}/api/v1/tokens`, { headers })).text();
    };
    let lists: string[];
    let codes: number[] = [];
    try {
      await eventually('a token is printed', () => tokens().length > 0);
      lists = await Promise.all(servers.map(listed));
    } finally {
      codes = await Promise.all(servers.map((server) => server.stop()));
      await database.dispose();
    }
    expect(lists.map((list) => list.split('"first start"').length - 1)).toEqual([1, 1, 1]);
    // Each has printed what it had to print by the time it ends.
    expect(tokens()).toHaveLength(1);
    expect(codes).toEqual([0, 0, 0]);
  }
});

test('npm start passes its flags on', async () => {
  await using server = await TestServer.start({
    command: ['npm', 'start', '--silent', '--'],
    cwd: inCheckout(''),
  });
  expect((await putFile(server, 'npm/p/1/f', 'x')).status).toBe(201);
  // npm and its shell stand between the signal and the server.
  expect(await server.stop('SIGTERM')).toBe(0);
});

test('an address that is taken is said plainly, without a stack trace', async () => {
  await using server = await TestServer.start();
  using folder = new TempFolder();
  const flags = ['--listen', new URL(server.url).host, '--data', folder.path];
  const result = await run(['node', inCheckout('bin/packyard'), 'serve', ...flags]);
  expect(result.code).not.toBe(0);
  expect(result.output).toContain(new URL(server.url).port);
  expect(result.output).not.toMatch(/^\s+at .+:\d+:\d+/m);
});

test('an unknown key in packyard.yaml is refused with the nearest name', async () => {
  using folder = new TempFolder();
  writeFileSync(folder.join('packyard.yaml'), 'lisen: 127.0.0.1:1\n');
  for (const command of [['serve'], ['config', 'check']]) {
    const result = await run(['node', inCheckout('bin/packyard'), ...command], { cwd: folder.path });
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain('packyard.yaml:1');
    expect(result.stderr).toContain('lisen');
    expect(result.stderr).toMatch(/^(try|hint): .*\blisten\b/m);
  }
});

test('flags go before the environment, the environment before the file', async () => {
  using folder = new TempFolder();
  mkdirSync(folder.join('data'));
  const port = await freePort();
  writeFileSync(folder.join('packyard.yaml'), `listen: 127.0.0.1:${port}\nanonymous: none\nlog:\n  level: warn\n`);
  const env = { PACKYARD_ANONYMOUS: 'write' };
  const command = ['node', inCheckout('bin/packyard'), 'config', 'show', '--json'];
  const shown = await run(command, { cwd: folder.path, env });
  expect(shown).toMatchObject({ code: 0 });
  expect(JSON.stringify(JSON.parse(shown.stdout))).toContain(`127.0.0.1:${port}`);
  await using server = await TestServer.start({ dataDir: folder.join('data'), cwd: folder.path, env });
  const response = await fetch(`${server.url}/repo/generic/r/p/1/f`, { method: 'PUT', body: 'x' });
  expect(response.status).toBe(201);
});

test('the operations addresses answer', async () => {
  await using server = await TestServer.start();
  for (const path of ['/healthz', '/readyz', '/metrics', '/api/v1/openapi.json', '/']) {
    const response = await fetch(`${server.url}${path}`);
    expect({ path, status: response.status }).toEqual({ path, status: 200 });
    expect(response.headers.get('x-request-id')).toBeTruthy();
    expect((await response.text()).length).toBeGreaterThan(1);
  }
});
