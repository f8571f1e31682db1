import { expect } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { createRepository, createToken, publish, withCredentials, yank } from '../support/api.ts';
import { type Client, clientTest, PYTHON } from '../support/clients.ts';
import type { RunResult } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { makeSdist, makeWheel } from '../support/wheel.ts';
import { indexUrl, installedVersion } from './python.ts';

const server = useServer();

const ENVIRONMENT = { UV_NO_CONFIG: '1', UV_NO_CACHE: '1', UV_PYTHON_DOWNLOADS: 'never', UV_NO_PROGRESS: '1' };

function install(uv: Client, index: string, folder: string, what: readonly string[], env = {}): Promise<RunResult> {
  const target = ['--python', PYTHON, '--target', folder, '--default-index', index];
  return uv.run(['pip', 'install', ...target, ...what], { env: { ...ENVIRONMENT, ...env } });
}

clientTest('uv installs a package however its name is spelled', 'uv', async (uv) => {
  await publish(server(), 'names', makeWheel({ name: 'My_Demo.Pkg', version: '1.0' }));
  for (const spelling of ['my-demo-pkg', 'My_Demo.Pkg', 'MY.DEMO__PKG']) {
    using folder = new TempFolder();
    expect(await install(uv, indexUrl(server(), 'names'), folder.path, [spelling])).toMatchObject({ code: 0 });
    expect(await installedVersion(folder.path, 'my_demo_pkg')).toBe('1.0');
  }
});

clientTest('uv takes the newest release within a version range and follows dependencies', 'uv', async (uv) => {
  for (const version of ['1.9', '1.10', '2.0']) {
    await publish(server(), 'range', makeWheel({ name: 'base', version }));
  }
  await publish(server(), 'range', makeWheel({ name: 'top', version: '1.0', requires: ['base>=1,<2'] }));
  using folder = new TempFolder();
  expect(await install(uv, indexUrl(server(), 'range'), folder.path, ['top'])).toMatchObject({ code: 0 });
  expect(await installedVersion(folder.path, 'base')).toBe('1.10');
});

clientTest('uv installs with --require-hashes, and refuses another hash', 'uv', async (uv) => {
  const wheel = makeWheel({ name: 'demo', version: '1.0' });
  await publish(server(), 'hashes', wheel);
  using folder = new TempFolder();
  const requirements = folder.join('requirements.txt');
  const index = indexUrl(server(), 'hashes');
  writeFileSync(requirements, `demo==1.0 --hash=sha256:${wheel.sha256}\n`);
  const good = await install(uv, index, folder.join('good'), ['--require-hashes', '-r', requirements]);
  expect(good).toMatchObject({ code: 0 });
  writeFileSync(requirements, `demo==1.0 --hash=sha256:${'0'.repeat(64)}\n`);
  const bad = await install(uv, index, folder.join('bad'), ['--require-hashes', '-r', requirements]);
  expect(bad.code).not.toBe(0);
});

clientTest('uv installs from a private index with a token in the address or in the environment', 'uv', async (uv) => {
  await createRepository(server(), 'pypi/private', { visibility: 'private' });
  await publish(server(), 'private', makeWheel({ name: 'demo', version: '1.0' }));
  const token = await createToken(server(), 'uv-private', 'pypi/private', ['read']);
  const index = indexUrl(server(), 'private');
  using folder = new TempFolder();
  const inAddress = await install(uv, withCredentials(index, token), folder.join('address'), ['demo']);
  expect(inAddress).toMatchObject({ code: 0 });
  const named = { UV_INDEX_TOOLS_USERNAME: '__token__', UV_INDEX_TOOLS_PASSWORD: token };
  const inEnvironment = await install(uv, `tools=${index}`, folder.join('environment'), ['demo'], named);
  expect(inEnvironment).toMatchObject({ code: 0 });
  expect(await installedVersion(folder.join('environment'), 'demo')).toBe('1.0');
  const without = await install(uv, index, folder.join('without'), ['demo']);
  expect(without.code).not.toBe(0);
});

clientTest('uv avoids a yanked release', 'uv', async (uv) => {
  for (const version of ['1.0', '1.1']) await publish(server(), 'yank', makeWheel({ name: 'demo', version }));
  await yank(server(), 'pypi/yank', 'demo', '1.1', '');
  using folder = new TempFolder();
  expect(await install(uv, indexUrl(server(), 'yank'), folder.path, ['demo'])).toMatchObject({ code: 0 });
  expect(await installedVersion(folder.path, 'demo')).toBe('1.0');
});

clientTest('uv --exclude-newer goes by the upload time', 'uv', async (uv) => {
  await publish(server(), 'time', makeWheel({ name: 'demo', version: '1.0' }));
  const index = indexUrl(server(), 'time');
  using folder = new TempFolder();
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  const newer = await install(uv, index, folder.join('a'), ['demo', '--exclude-newer', tomorrow]);
  expect(newer).toMatchObject({ code: 0 });
  const older = await install(uv, index, folder.join('b'), ['demo', '--exclude-newer', '2020-01-01T00:00:00Z']);
  expect(older.code).not.toBe(0);
});

clientTest('uv publishes wheels and sdists, twice, and refuses to replace a file', 'uv', async (uv) => {
  await createRepository(server(), 'pypi/publish');
  const token = await createToken(server(), 'uv-publish', 'pypi/publish', ['read', 'write']);
  using folder = new TempFolder();
  const publishWith = async (marker: string, more: readonly string[] = []) => {
    const wheel = makeWheel({ name: 'demo', version: '1.0', marker });
    const sdist = makeSdist({ name: 'demo', version: '1.0', marker });
    for (const file of [wheel, sdist]) await Bun.write(folder.join(file.fileName), file.bytes);
    const files = [wheel, sdist].map((file) => folder.join(file.fileName));
    const to = ['--publish-url', indexUrl(server(), 'publish'), '--token', token, '--trusted-publishing', 'never'];
    return uv.run(['publish', ...to, ...more, ...files], { env: ENVIRONMENT });
  };
  expect(await publishWith('one')).toMatchObject({ code: 0 });
  expect(await publishWith('one')).toMatchObject({ code: 0 });
  const replaced = await publishWith('two');
  expect(replaced.code).not.toBe(0);
  expect(replaced.output).toContain('File already exists');
  const checked = await publishWith('one', ['--check-url', indexUrl(server(), 'publish')]);
  expect(checked).toMatchObject({ code: 0 });
  expect(await install(uv, indexUrl(server(), 'publish'), folder.join('site'), ['demo'])).toMatchObject({ code: 0 });
  expect(await installedVersion(folder.join('site'), 'demo')).toBe('1.0');
});

clientTest('uv publish says why a token may not write', 'uv', async (uv) => {
  await createRepository(server(), 'pypi/readonly');
  const token = await createToken(server(), 'uv-readonly', 'pypi/readonly', ['read']);
  using folder = new TempFolder();
  const wheel = makeWheel({ name: 'demo', version: '1.0' });
  await Bun.write(folder.join(wheel.fileName), wheel.bytes);
  const to = ['--publish-url', indexUrl(server(), 'readonly'), '--token', token, '--trusted-publishing', 'never'];
  const result = await uv.run(['publish', ...to, folder.join(wheel.fileName)], { env: ENVIRONMENT });
  expect(result.code).not.toBe(0);
  expect(result.output).toContain('403');
});
