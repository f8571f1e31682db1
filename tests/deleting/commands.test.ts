import { describe, expect, test } from 'bun:test';
import { publish, putFile } from '../support/api.ts';
import { inCheckout } from '../support/paths.ts';
import { run } from '../support/run.ts';
import { useServer } from '../support/use-server.ts';
import { makeWheel } from '../support/wheel.ts';

const server = useServer();

function packyard(...args: string[]) {
  const env = { PACKYARD_URL: server().url, PACKYARD_TOKEN: server().adminToken };
  return run(['node', inCheckout('bin/packyard'), ...args], { env });
}

/** Runs the command that a note shows. */
async function followNote(stderr: string): Promise<void> {
  const [, until = '', command = ''] = /^undo it until (.+ UTC): packyard (.+)$/m.exec(stderr) ?? [];
  expect(Date.parse(until.replace(' UTC', 'Z').replace(' ', 'T'))).toBeGreaterThan(Date.now() + 6 * 86_400_000);
  const env = { PACKYARD_URL: server().url, PACKYARD_TOKEN: server().adminToken };
  const shell = ['sh', '-c', `node "$0" ${command}`, inCheckout('bin/packyard')];
  expect(await run(shell, { env })).toMatchObject({ code: 0 });
}

async function text(path: string): Promise<string> {
  const response = await fetch(`${server().url}/repo/${path}`);
  return response.ok ? response.text() : String(response.status);
}

describe('packyard delete tells how to undo it, and that works', () => {
  test('for a version', async () => {
    for (const version of ['1.0', '2.0']) await publish(server(), 'one', makeWheel({ name: 'tool', version }));
    const result = await packyard('delete', 'pypi/one', 'tool@1.0', '--yes');
    expect(result).toMatchObject({ code: 0, stdout: 'deleted tool@1.0: 1 file\n' });
    expect(await text('pypi/one/tool/')).not.toContain('tool-1.0');
    await followNote(result.stderr);
    expect(await text('pypi/one/tool/')).toContain('tool-1.0');
  });

  test('for one file with an odd name', async () => {
    await putFile(server(), 'odd/tool/1.0/it%27s%20a%20$(file)', 'odd');
    await putFile(server(), 'odd/tool/1.0/plain', 'plain');
    const result = await packyard('delete', 'generic/odd', 'tool@1.0', '--file', "it's a $(file)", '--yes');
    expect(result).toMatchObject({ code: 0 });
    expect(await text('generic/odd/tool/1.0/it%27s%20a%20$(file)')).toBe('404');
    await followNote(result.stderr);
    expect(await text('generic/odd/tool/1.0/it%27s%20a%20$(file)')).toBe('odd');
  });

  test('for a whole package, which was the last of its repository', async () => {
    for (const version of ['1.0', '2.0']) await putFile(server(), `whole/tool/${version}/f`, version);
    const unasked = await packyard('delete', 'generic/whole', 'tool');
    expect(unasked).toMatchObject({ code: 2 });
    expect(unasked.stderr).toContain('Delete all of tool (2 versions, 2 files) from generic/whole?');
    const result = await packyard('delete', 'generic/whole', 'tool', '--yes');
    expect(result).toMatchObject({ code: 0, stdout: 'deleted tool: 2 files\n' });
    expect(await text('generic/whole/')).toBe('404');
    await followNote(result.stderr);
    expect(await text('generic/whole/tool/2.0/f')).toBe('2.0');
  });

  test('for a repository', async () => {
    await putFile(server(), 'all/tool/1.0/f', 'content');
    const result = await packyard('repo', 'delete', 'generic/all', '--yes');
    expect(result).toMatchObject({ code: 0 });
    expect(await text('generic/all/tool/1.0/f')).toBe('404');
    await followNote(result.stderr);
    expect(await text('generic/all/tool/1.0/f')).toBe('content');
  });
});

describe('packyard undelete', () => {
  test('--list shows what can be brought back, by whom it was deleted and until when', async () => {
    await putFile(server(), 'listed/tool/1.0/f', 'one');
    await putFile(server(), 'listed/tool/1.0/g', 'two');
    await packyard('delete', 'generic/listed', 'tool@1.0', '--yes');
    const shown = await packyard('undelete', '--list', 'generic/listed');
    expect(shown.stdout).toMatch(/^VERSION\s+FILES\s+SIZE\s+REVISION\s+DELETED\s+BY\s+UNTIL\s+WHY$/m);
    expect(shown.stdout).toMatch(/^tool@1\.0\s+2\s+6 B\s+3\s+.* UTC\s+admin\s+.* UTC\s+remove 2 files$/m);
    const json = JSON.parse((await packyard('--json', 'undelete', '--list', 'generic/listed')).stdout);
    expect(json).toMatchObject({ repositories: [], files: [{ name: 'g' }, { name: 'f' }] });
    await packyard('undelete', 'generic/listed', '--revision', '3');
    expect((await packyard('undelete', '--list', 'generic/listed')).stderr).toContain('nothing can be brought back');
  });

  test('--list without a repository shows those that were removed', async () => {
    await putFile(server(), 'removed/tool/1.0/f', 'one');
    await packyard('repo', 'delete', 'generic/removed', '--yes');
    expect((await packyard('undelete', '--list')).stdout).toMatch(/^generic\/removed\s+\d+\s+1\s+.* UTC\s+admin/m);
    expect((await packyard('undelete', '--list', 'generic/removed')).stdout).toContain('generic/removed');
  });

  test('says with its exit code why something does not come back', async () => {
    await putFile(server(), 'taken/tool/1.0/f', 'old');
    await packyard('delete', 'generic/taken', 'tool', '--yes');
    await putFile(server(), 'taken/tool/1.0/f', 'new');
    const taken = await packyard('undelete', 'generic/taken', 'tool@1.0');
    expect(taken).toMatchObject({ code: 5 });
    expect(taken.stderr).toContain('other files have taken the place of tool/1.0/f');
    expect(await packyard('undelete', 'generic/taken', 'tool@9.9')).toMatchObject({ code: 3 });
    expect(await packyard('undelete', 'generic/taken')).toMatchObject({ code: 3 });
    expect(await packyard('undelete', 'generic/never-was', 'tool')).toMatchObject({ code: 3 });
    expect(await packyard('undelete')).toMatchObject({ code: 2 });
    expect(await packyard('undelete', 'generic/taken', '--file', 'f')).toMatchObject({ code: 2 });
  });

  test('chooses among removed repositories of one name', async () => {
    for (const content of ['first', 'second']) {
      await putFile(server(), 'again/tool/1.0/f', content);
      await packyard('repo', 'delete', 'generic/again', '--yes');
    }
    const { repositories } = JSON.parse((await packyard('--json', 'undelete', '--list', 'generic/again')).stdout);
    expect(repositories).toHaveLength(2);
    expect(await packyard('undelete', 'generic/again', '--id', String(repositories[1].id))).toMatchObject({ code: 0 });
    expect(await text('generic/again/tool/1.0/f')).toBe('first');
    expect(await packyard('undelete', 'generic/again')).toMatchObject({ code: 5 });
  });
});

test('packyard repo create, update and show know every setting, and the page of the repository says it in words', async () => {
  const created = await packyard('repo', 'create', 'generic/set', '--keep-versions', '3', '--downloads', 'proxy');
  expect(created).toMatchObject({ code: 0 });
  expect(created.stdout).toMatch(/^retention\s+keep the newest 3 versions$/m);
  const updated = await packyard('repo', 'update', 'generic/set', '--keep-days', '30', '--no-keep-empty');
  expect(updated.stdout).toMatch(
    /^retention\s+keep the newest 3 versions and what was published in the last 30 days$/m,
  );
  expect(updated.stdout).toMatch(/^when empty\s+goes out of view$/m);
  await putFile(server(), 'set/tool/1.0/f', 'one');
  expect((await packyard('repo', 'show', 'generic/set')).stdout).toMatch(/^downloads\s+proxy$/m);
  const page = await (await fetch(`${server().url}/browse/generic/set`)).text();
  expect(page).toContain('keep the newest 3 versions and what was published in the last 30 days');
  expect(page).toContain('The repository goes out of view with its last file.');
  await packyard('repo', 'update', 'generic/set', '--keep-versions', 'none', '--keep-days', 'none', '--keep-empty');
  expect((await packyard('repo', 'show', 'generic/set')).stdout).toMatch(/^retention\s+keep everything$/m);
  expect(await packyard('repo', 'update', 'generic/set', '--keep-versions', '0')).toMatchObject({ code: 2 });
  expect(await packyard('repo', 'update', 'generic/set')).toMatchObject({ code: 2 });
});

test('packyard retention shows, removes and can be undone', async () => {
  for (const version of ['1.0', '2.0', '3.0rc1', '1.1'])
    await publish(server(), 'kept', makeWheel({ name: 'tool', version }));
  const none = await packyard('retention', 'preview', 'pypi/kept');
  expect(none).toMatchObject({ code: 0, stdout: '' });
  expect(none.stderr).toContain('packyard repo update pypi/kept --keep-versions 10');
  await packyard('repo', 'update', 'pypi/kept', '--keep-versions', '1');
  const preview = await packyard('retention', 'preview', 'pypi/kept');
  // 1.1 was published last, 2.0 is the newest release and 3.0rc1 the newest of all.
  expect(preview.stdout).toMatch(/^tool@1\.0\s+1\s+.*\s+not the newest$/m);
  expect(preview.stdout.trim().split('\n')).toHaveLength(2);
  expect(preview.stderr).toMatch(/^1 version, .*; packyard retention apply pypi\/kept removes them$/m);
  expect(await packyard('retention', 'apply', 'pypi/kept')).toMatchObject({ code: 2 });
  const applied = await packyard('retention', 'apply', 'pypi/kept', '--yes');
  expect(applied.stdout).toMatch(/^removed 1 version: 1 file, /);
  expect(await text('pypi/kept/tool/')).not.toContain('tool-1.0-');
  await followNote(applied.stderr);
  expect(await text('pypi/kept/tool/')).toContain('tool-1.0-');
});
