import { describe, expect, test } from 'bun:test';
import { inCheckout } from '../support/paths.ts';
import { run } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { makeWheel } from '../support/wheel.ts';

const server = useServer();

function rpcli(args: readonly string[], token = server().adminToken) {
  return run(['node', inCheckout('bin/rpcli'), ...args], { env: { PACKYARD_TOKEN: token } });
}

describe('rpcli, as its README has it', () => {
  test('uploads a wheel with short options', async () => {
    using folder = new TempFolder();
    const wheel = makeWheel({ name: 'demo', version: '1.0' });
    await Bun.write(folder.join(wheel.fileName), wheel.bytes);
    const what = ['-y', 'pypi', '-f', folder.join(wheel.fileName), '-r', 'tools', '-p', 'demo', '-i', '1.0'];
    const result = await rpcli(['-s', server().url, 'upload', ...what]);
    expect(result).toMatchObject({ code: 0 });
    expect(JSON.parse(result.stdout)).toMatchObject({ ok: true, package: 'demo', version: '1.0' });
    const page = await (await fetch(`${server().url}/repo/pypi/tools/demo/`)).text();
    expect(page).toContain(wheel.fileName);
  });

  test('uploads a tarball with long options, with the token as an option', async () => {
    using folder = new TempFolder();
    await Bun.write(folder.join('cpython-3.8.0b1.tar.gz'), 'the tarball');
    const what = ['--provider', 'tar', '--file', folder.join('cpython-3.8.0b1.tar.gz'), '--repo', 'cpython'];
    const which = ['--package', 'cpython', '--package-version', '3.8.0b1'];
    const token = ['--token', server().adminToken];
    const result = await rpcli(['--server', server().url, ...token, 'upload', ...what, ...which], '');
    expect(result).toMatchObject({ code: 0 });
    const file = await fetch(`${server().url}/repo/tar/cpython/cpython/cpython-3.8.0b1.tar.gz`);
    expect(await file.text()).toBe('the tarball');
  });

  test('fails with the reason when the server refuses, and shows the answer on stdout', async () => {
    using folder = new TempFolder();
    await Bun.write(folder.join('f'), 'x');
    const what = ['-y', 'no-such', '-f', folder.join('f'), '-r', 'tools', '-p', 'demo', '-i', '1.0'];
    const result = await rpcli(['-s', server().url, 'upload', ...what]);
    expect(result.code).not.toBe(0);
    expect(result.output).toContain('no-such');
    const refused = await rpcli(['-s', server().url, 'upload', ...what.with(1, 'tar')], 'wrong');
    expect(refused.code).not.toBe(0);
  });

  test('says which file is missing, which option, and that a parameter came twice, without a stack trace', async () => {
    using folder = new TempFolder();
    await Bun.write(folder.join('f'), 'x');
    const what = ['-y', 'tar', '-r', 'tools', '-p', 'demo', '-i', '1.0'];
    const missingFile = await rpcli(['-s', server().url, 'upload', ...what, '-f', folder.join('nothing')]);
    expect(missingFile.code).not.toBe(0);
    expect(missingFile.stderr).toContain('nothing');
    const missingOption = await rpcli(['-s', server().url, 'upload', ...what]);
    expect(missingOption.code).toBe(2);
    const twice = await rpcli(['-s', server().url, 'upload', ...what, '-f', folder.join('f'), '-a', 'name=x']);
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain("duplicate parameter 'name'");
    for (const result of [missingFile, missingOption, twice]) expect(result.stderr).not.toMatch(/^\s+at .+:\d+:\d+/m);
  });
});
