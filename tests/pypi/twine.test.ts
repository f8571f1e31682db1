import { expect } from 'bun:test';
import { dirname, join } from 'node:path';
import { createRepository, createToken } from '../support/api.ts';
import { type Client, clientTest } from '../support/clients.ts';
import { type RunResult, run } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { type Distribution, makeSdist, makeWheel } from '../support/wheel.ts';
import { indexUrl } from './python.ts';

const server = useServer();

async function prepare(repository: string): Promise<Record<string, string>> {
  await createRepository(server(), `pypi/${repository}`);
  const token = await createToken(server(), repository, `pypi/${repository}`, ['read', 'write']);
  return { TWINE_USERNAME: '__token__', TWINE_PASSWORD: token };
}

async function save(folder: TempFolder, files: readonly Distribution[]): Promise<string[]> {
  for (const file of files) await Bun.write(folder.join(file.fileName), file.bytes);
  return files.map((file) => folder.join(file.fileName));
}

function uploadArguments(url: string, files: readonly string[]): string[] {
  return ['upload', '--non-interactive', '--disable-progress-bar', '--repository-url', url, ...files];
}

/** The JSON simple page's file names, to see what really arrived. */
async function listed(repository: string, name: string): Promise<string[]> {
  const headers = { accept: 'application/vnd.pypi.simple.v1+json' };
  const response = await fetch(`${indexUrl(server(), repository)}${name}/`, { headers });
  if (response.status === 404) return [];
  const page = (await response.json()) as { files: { filename: string }[] };
  return page.files.map((file) => file.filename).sort();
}

clientTest('twine publishes a wheel and an sdist to the index root and to /legacy/', 'twine', async (twine) => {
  const env = await prepare('publish');
  for (const [version, path] of [
    ['1.0', ''],
    ['2.0', 'legacy/'],
  ] as const) {
    using folder = new TempFolder();
    const files = await save(folder, [
      makeWheel({ name: 'my-demo', version }),
      makeSdist({ name: 'my-demo', version }),
    ]);
    const result = await twine.run(uploadArguments(`${indexUrl(server(), 'publish')}${path}`, files), { env });
    expect(result).toMatchObject({ code: 0 });
  }
  expect(await listed('publish', 'my-demo')).toEqual([
    'my_demo-1.0-py3-none-any.whl',
    'my_demo-1.0.tar.gz',
    'my_demo-2.0-py3-none-any.whl',
    'my_demo-2.0.tar.gz',
  ]);
});

clientTest(
  'twine may publish the same bytes again, but not other bytes under the same name',
  'twine',
  async (twine) => {
    const env = await prepare('twice');
    using folder = new TempFolder();
    const publish = async (marker: string) => {
      const files = await save(folder, [makeWheel({ name: 'demo', version: '1.0', marker })]);
      return twine.run(uploadArguments(indexUrl(server(), 'twice'), files), { env });
    };
    expect(await publish('one')).toMatchObject({ code: 0 });
    expect(await publish('one')).toMatchObject({ code: 0 });
    const other = await publish('two');
    expect(other.code).not.toBe(0);
    expect(other.output).toContain('400');
  },
);

clientTest('twine --skip-existing passes over files that are there', 'twine', async (twine) => {
  const env = await prepare('skip');
  await createRepository(server(), 'pypi/skip-empty');
  using folder = new TempFolder();
  const first = await save(folder, [makeWheel({ name: 'demo', version: '1.0', marker: 'one' })]);
  expect(await twine.run(uploadArguments(indexUrl(server(), 'skip'), first), { env })).toMatchObject({ code: 0 });
  const again = await save(folder, [
    makeWheel({ name: 'demo', version: '1.0', marker: 'two' }),
    makeWheel({ name: 'demo', version: '1.1' }),
  ]);
  // Asked first about a repository without the file, twine learns of it by the upload's answer, then by the JSON page.
  for (const known of ['skip-empty', 'skip']) {
    const result = await skipExisting(twine, indexUrl(server(), 'skip'), known, again, env);
    expect(result).toMatchObject({ code: 0 });
    expect(result.output).toContain('Skipping demo-1.0-py3-none-any.whl');
  }
  expect(await listed('skip', 'demo')).toEqual(['demo-1.0-py3-none-any.whl', 'demo-1.1-py3-none-any.whl']);
});

/** twine allows `--skip-existing` for the public index alone; told that ours is it, its real code decides. */
function skipExisting(
  twine: Client,
  url: string,
  known: string,
  files: readonly string[],
  env: Record<string, string>,
): Promise<RunResult> {
  const jsonRoot = indexUrl(server(), known).replace('127.0.0.1', 'localhost');
  const program = [
    'import sys, twine.repository as r',
    `r.WAREHOUSE = ${JSON.stringify(url)}`,
    `r.LEGACY_PYPI = ${JSON.stringify(jsonRoot)}`,
    'from twine.__main__ import main',
    'sys.exit(main())',
  ].join('\n');
  const python = join(dirname(twine.command[0] ?? ''), 'python');
  const [command, ...rest] = uploadArguments(url, files);
  return run([python, '-c', program, command ?? '', '--skip-existing', ...rest], { env });
}

clientTest('twine with a wrong token is told so', 'twine', async (twine) => {
  const env = { ...(await prepare('wrong')), TWINE_PASSWORD: 'not-a-token' };
  using folder = new TempFolder();
  const files = await save(folder, [makeWheel({ name: 'demo', version: '1.0' })]);
  const result = await twine.run(uploadArguments(indexUrl(server(), 'wrong'), files), { env });
  expect(result.code).not.toBe(0);
  expect(result.output).toMatch(/401|403/);
  expect(await listed('wrong', 'demo')).toEqual([]);
});
