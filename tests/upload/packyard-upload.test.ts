import { expect, test } from 'bun:test';
import { inCheckout } from '../support/paths.ts';
import { run } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { makeSdist, makeWheel } from '../support/wheel.ts';

const server = useServer();

function packyard(args: readonly string[], cwd?: string) {
  const env = { PACKYARD_URL: server().url, PACKYARD_TOKEN: server().adminToken };
  return run(['node', inCheckout('bin/packyard'), ...args], { env, cwd });
}

test('packyard upload publishes several files and reads name and version from them', async () => {
  using folder = new TempFolder();
  const files = [makeWheel({ name: 'My.Demo', version: '1.0' }), makeSdist({ name: 'My.Demo', version: '1.0' })];
  for (const file of files) await Bun.write(folder.join(file.fileName), file.bytes);
  const result = await packyard(['upload', 'pypi/tools', ...files.map((file) => file.fileName)], folder.path);
  expect(result).toMatchObject({ code: 0 });
  const page = await (await fetch(`${server().url}/repo/pypi/tools/my-demo/`)).text();
  for (const file of files) expect(page).toContain(file.fileName);
});

test('packyard upload knows the format by looking at the file', async () => {
  using folder = new TempFolder();
  const wheel = makeWheel({ name: 'looked-at', version: '1.0' });
  await Bun.write(folder.join(wheel.fileName), wheel.bytes);
  expect(await packyard(['upload', 'looks', wheel.fileName], folder.path)).toMatchObject({ code: 0 });
  expect((await fetch(`${server().url}/repo/pypi/looks/looked-at/`)).status).toBe(200);
});

test('packyard upload --json prints what a program can read, on stdout alone', async () => {
  using folder = new TempFolder();
  const wheel = makeWheel({ name: 'readable', version: '1.0' });
  await Bun.write(folder.join(wheel.fileName), wheel.bytes);
  const result = await packyard(['upload', '--json', 'pypi/tools', wheel.fileName], folder.path);
  expect(result).toMatchObject({ code: 0 });
  expect(JSON.stringify(JSON.parse(result.stdout))).toContain(wheel.sha256);
});

test('packyard upload ends with 5 for a file that is there with other bytes, and with 4 without a right', async () => {
  using folder = new TempFolder();
  for (const [marker, code] of [
    ['one', 0],
    ['one', 0],
    ['two', 5],
  ] as const) {
    const wheel = makeWheel({ name: 'conflict', version: '1.0', marker });
    await Bun.write(folder.join(wheel.fileName), wheel.bytes);
    expect(await packyard(['upload', 'pypi/tools', wheel.fileName], folder.path)).toMatchObject({ code });
  }
  const env = { PACKYARD_URL: server().url, PACKYARD_TOKEN: 'wrong' };
  const wheel = makeWheel({ name: 'refused', version: '1.0' });
  await Bun.write(folder.join(wheel.fileName), wheel.bytes);
  const command = ['node', inCheckout('bin/packyard'), 'upload', 'pypi/tools', wheel.fileName];
  expect(await run(command, { env, cwd: folder.path })).toMatchObject({ code: 4 });
});
