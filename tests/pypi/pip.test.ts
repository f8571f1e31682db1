import { describe, expect } from 'bun:test';
import { chmodSync, writeFileSync } from 'node:fs';
import { createRepository, createToken, publish, withCredentials, yank } from '../support/api.ts';
import { type Client, type ClientName, clientTest } from '../support/clients.ts';
import type { RunOptions, RunResult } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { makeWheel } from '../support/wheel.ts';
import { indexUrl, installedVersion } from './python.ts';

const server = useServer();

const PIPS: readonly ClientName[] = ['debian-pip', 'pip'];

function install(
  pip: Client,
  index: string,
  folder: string,
  what: readonly string[],
  options?: RunOptions,
): Promise<RunResult> {
  return pip.run(
    ['install', '--no-cache-dir', '--no-input', '--target', folder, '--index-url', index, ...what],
    options,
  );
}

describe.each(PIPS)('%s', (name) => {
  clientTest('installs a package however its name is spelled', name, async (pip) => {
    const repository = `${name}-names`;
    await publish(server(), repository, makeWheel({ name: 'My_Demo.Pkg', version: '1.0' }));
    for (const spelling of ['my-demo-pkg', 'My_Demo.Pkg', 'MY.DEMO__PKG']) {
      using folder = new TempFolder();
      const result = await install(pip, indexUrl(server(), repository), folder.path, [spelling]);
      expect(result).toMatchObject({ code: 0 });
      expect(await installedVersion(folder.path, 'my_demo_pkg')).toBe('1.0');
    }
  });

  clientTest(
    'installs from the index address with and without a slash at its end, and from +simple',
    name,
    async (pip) => {
      const repository = `${name}-addresses`;
      await publish(server(), repository, makeWheel({ name: 'demo', version: '1.0' }));
      const root = `${server().url}/repo/pypi/${repository}`;
      for (const index of [root, `${root}/`, `${root}/+simple/`]) {
        using folder = new TempFolder();
        expect(await install(pip, index, folder.path, ['demo'])).toMatchObject({ code: 0 });
        expect(await installedVersion(folder.path, 'demo')).toBe('1.0');
      }
    },
  );

  clientTest('takes the newest release within a version range, by PEP 440 order', name, async (pip) => {
    const repository = `${name}-range`;
    for (const version of ['1.9', '1.10', '2.0', '2.1rc1']) {
      await publish(server(), repository, makeWheel({ name: 'demo', version }));
    }
    const expected = { 'demo>=1,<2': '1.10', demo: '2.0', 'demo==2.1rc1': '2.1rc1' };
    for (const [requirement, version] of Object.entries(expected)) {
      using folder = new TempFolder();
      expect(await install(pip, indexUrl(server(), repository), folder.path, [requirement])).toMatchObject({ code: 0 });
      expect(await installedVersion(folder.path, 'demo')).toBe(version);
    }
  });

  clientTest('follows dependencies within the index', name, async (pip) => {
    const repository = `${name}-dependencies`;
    await publish(server(), repository, makeWheel({ name: 'top', version: '1.0', requires: ['Base-Lib>=1.0'] }));
    await publish(server(), repository, makeWheel({ name: 'base.lib', version: '1.2' }));
    using folder = new TempFolder();
    expect(await install(pip, indexUrl(server(), repository), folder.path, ['top'])).toMatchObject({ code: 0 });
    expect(await installedVersion(folder.path, 'base_lib')).toBe('1.2');
  });

  clientTest('leaves out a release that needs another Python', name, async (pip) => {
    const repository = `${name}-python`;
    await publish(server(), repository, makeWheel({ name: 'demo', version: '1.0', requiresPython: '>=3.6' }));
    await publish(server(), repository, makeWheel({ name: 'demo', version: '2.0', requiresPython: '>=4.0' }));
    using folder = new TempFolder();
    expect(await install(pip, indexUrl(server(), repository), folder.path, ['demo'])).toMatchObject({ code: 0 });
    expect(await installedVersion(folder.path, 'demo')).toBe('1.0');
  });

  clientTest('installs with --require-hashes, and refuses another hash', name, async (pip) => {
    const repository = `${name}-hashes`;
    const wheel = makeWheel({ name: 'demo', version: '1.0' });
    await publish(server(), repository, wheel);
    using folder = new TempFolder();
    const requirements = folder.join('requirements.txt');
    const index = indexUrl(server(), repository);
    writeFileSync(requirements, `demo==1.0 --hash=sha256:${wheel.sha256}\n`);
    const good = await install(pip, index, folder.join('good'), ['--require-hashes', '-r', requirements]);
    expect(good).toMatchObject({ code: 0 });
    expect(await installedVersion(folder.join('good'), 'demo')).toBe('1.0');
    writeFileSync(requirements, `demo==1.0 --hash=sha256:${'0'.repeat(64)}\n`);
    const bad = await install(pip, index, folder.join('bad'), ['--require-hashes', '-r', requirements]);
    expect(bad.code).not.toBe(0);
  });

  clientTest('installs from a private index with a token in the address, and not without it', name, async (pip) => {
    const repository = `${name}-private`;
    await createRepository(server(), `pypi/${repository}`, { visibility: 'private' });
    await publish(server(), repository, makeWheel({ name: 'demo', version: '1.0' }));
    const token = await createToken(server(), repository, `pypi/${repository}`, ['read']);
    const index = indexUrl(server(), repository);
    using folder = new TempFolder();
    const withToken = await install(pip, withCredentials(index, token), folder.join('with'), ['demo']);
    expect(withToken).toMatchObject({ code: 0 });
    expect(await installedVersion(folder.join('with'), 'demo')).toBe('1.0');
    const without = await install(pip, index, folder.join('without'), ['demo']);
    expect(without.code).not.toBe(0);
  });

  clientTest('installs from a private index with a token in ~/.netrc', name, async (pip) => {
    const repository = `${name}-netrc`;
    await createRepository(server(), `pypi/${repository}`, { visibility: 'private' });
    await publish(server(), repository, makeWheel({ name: 'demo', version: '1.0' }));
    const token = await createToken(server(), repository, `pypi/${repository}`, ['read']);
    using folder = new TempFolder();
    const netrc = folder.join('.netrc');
    writeFileSync(netrc, `machine 127.0.0.1\nlogin __token__\npassword ${token}\n`);
    chmodSync(netrc, 0o600);
    const env = { HOME: folder.path, NETRC: netrc };
    const result = await install(pip, indexUrl(server(), repository), folder.join('site'), ['demo'], { env });
    expect(result).toMatchObject({ code: 0 });
    expect(await installedVersion(folder.join('site'), 'demo')).toBe('1.0');
  });

  clientTest('avoids a yanked release, takes it when pinned, and takes it again when un-yanked', name, async (pip) => {
    const repository = `${name}-yank`;
    for (const version of ['1.0', '1.1']) await publish(server(), repository, makeWheel({ name: 'demo', version }));
    const index = indexUrl(server(), repository);
    using folder = new TempFolder();
    const versionOf = async (site: string, requirement: string) => {
      expect(await install(pip, index, folder.join(site), [requirement])).toMatchObject({ code: 0 });
      return installedVersion(folder.join(site), 'demo');
    };
    expect(await versionOf('before', 'demo')).toBe('1.1');
    await yank(server(), `pypi/${repository}`, 'demo', '1.1', 'broken on Tuesdays');
    expect(await versionOf('yanked', 'demo')).toBe('1.0');
    expect(await versionOf('pinned', 'demo==1.1')).toBe('1.1');
    await yank(server(), `pypi/${repository}`, 'demo', '1.1', undefined);
    expect(await versionOf('after', 'demo')).toBe('1.1');
  });

  clientTest('is told that a package does not exist', name, async (pip) => {
    const repository = `${name}-missing`;
    await createRepository(server(), `pypi/${repository}`);
    using folder = new TempFolder();
    const result = await install(pip, indexUrl(server(), repository), folder.path, ['no-such-package']);
    expect(result.code).not.toBe(0);
    expect(result.output).toContain('No matching distribution found for no-such-package');
  });
});
