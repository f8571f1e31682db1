import { expect, test } from 'bun:test';
import { putFile } from '../support/api.ts';
import { inCheckout } from '../support/paths.ts';
import { run } from '../support/run.ts';
import { useServer } from '../support/use-server.ts';

const server = useServer();

function search(...args: readonly string[]) {
  return run(['node', inCheckout('bin/packyard'), 'search', ...args], { env: { PACKYARD_URL: server().url } });
}

test('packyard search finds packages in all repositories that the caller may read', async () => {
  await putFile(server(), 'one/Tool_Box/1.0/f', 'x');
  await putFile(server(), 'two/big-tool/1.0/f', 'x');
  const { code, stdout } = await search('tool');
  expect(code).toBe(0);
  expect(stdout.split('\n').map((line) => line.split(/\s+/).slice(0, 2).join(' '))).toEqual([
    'REPOSITORY PACKAGE',
    'generic/one Tool_Box',
    'generic/two big-tool',
    '',
  ]);
  expect(JSON.parse((await search('tool-box', '--json', '--format', 'tar')).stdout)).toEqual([
    expect.objectContaining({ repository: 'generic/one', name: 'Tool_Box', status: 'active' }),
  ]);
});

test('packyard search says when there is nothing, and when there is more', async () => {
  const nothing = await search('zzz');
  expect(nothing).toMatchObject({ code: 0, stdout: '' });
  expect(nothing.stderr).toContain('no package');
  expect(JSON.parse((await search('zzz', '--json')).stdout)).toEqual([]);
  expect((await search('tool', '--limit', '1')).stderr).toContain('there are more');
});

test('packyard search refuses what it cannot look for', async () => {
  expect(await search()).toMatchObject({ code: 2, stdout: '' });
  expect(await search('tool', '--limit', '0')).toMatchObject({ code: 2, stdout: '' });
  expect(await search(' ')).toMatchObject({ code: 2, stdout: '' });
  expect(await search('tool', '--format', 'floppy')).toMatchObject({ code: 1, stdout: '' });
});
