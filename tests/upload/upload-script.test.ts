import { expect } from 'bun:test';
import { mkdirSync, symlinkSync } from 'node:fs';
import { clientTest } from '../support/clients.ts';
import { run } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { makeWheel } from '../support/wheel.ts';

const server = useServer();

clientTest('GET /upload.sh is a script that uploads with curl and a shell alone', 'curl', async (curl) => {
  using folder = new TempFolder();
  const wheel = makeWheel({ name: 'demo', version: '1.0' });
  await Bun.write(folder.join(wheel.fileName), wheel.bytes);
  // A PATH with nothing but a shell's usual tools: what a small container has.
  mkdirSync(folder.join('bin'));
  for (const tool of [
    'sh',
    'curl',
    'cat',
    'basename',
    'sed',
    'grep',
    'tr',
    'mktemp',
    'rm',
    'sha256sum',
    'tail',
    'wc',
  ]) {
    const path = Bun.which(tool);
    if (path) symlinkSync(path, folder.join('bin', tool));
  }
  const script = (await curl.ok(['-sSf', `${server().url}/upload.sh`])).stdout;
  expect(script).toStartWith('#!/bin/sh');
  const env = { PATH: folder.join('bin'), PACKYARD_TOKEN: server().adminToken };
  const upload = (args: readonly string[]) =>
    run([folder.join('bin', 'sh'), '-s', '--', ...args], { env, cwd: folder.path, input: script });

  expect(await upload(['pypi', 'tools', wheel.fileName])).toMatchObject({ code: 0 });
  const page = await (await fetch(`${server().url}/repo/pypi/tools/demo/`)).text();
  expect(page).toContain(wheel.fileName);

  await Bun.write(folder.join('a file.bin'), 'bytes');
  expect(await upload(['generic', 'tools', 'a file.bin', 'tool', '1.0'])).toMatchObject({ code: 0 });
  expect(await (await fetch(`${server().url}/repo/generic/tools/tool/1.0/a%20file.bin`)).text()).toBe('bytes');

  const refused = await run([folder.join('bin', 'sh'), '-s', '--', 'pypi', 'tools', wheel.fileName], {
    env: { ...env, PACKYARD_TOKEN: 'wrong' },
    cwd: folder.path,
    input: script,
  });
  expect(refused.code).not.toBe(0);
});
