import { expect } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRepository, createToken, publish, yank } from '../support/api.ts';
import { clientTest } from '../support/clients.ts';
import { run, runOk } from '../support/run.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { useServer } from '../support/use-server.ts';
import { makeSdist, makeWheel } from '../support/wheel.ts';
import { indexUrl } from './python.ts';

const server = useServer();

function environment(folder: TempFolder, more: Record<string, string> = {}): Record<string, string> {
  return {
    POETRY_CACHE_DIR: folder.join('cache'),
    POETRY_CONFIG_DIR: folder.join('config'),
    POETRY_VIRTUALENVS_IN_PROJECT: 'true',
    POETRY_VIRTUALENVS_OPTIONS_NO_PIP: 'true',
    POETRY_NO_INTERACTION: '1',
    PYTHON_KEYRING_BACKEND: 'keyring.backends.null.Keyring',
    ...more,
  };
}

function writeProject(folder: TempFolder, source = ''): string {
  const project = folder.join('project');
  mkdirSync(project, { recursive: true });
  writeFileSync(
    `${project}/pyproject.toml`,
    `[project]\nname = "app"\nversion = "1.0"\nrequires-python = ">=3.9,<4"\n\n[tool.poetry]\npackage-mode = false\n${source}`,
  );
  return project;
}

function sourceTable(url: string): string {
  return `\n[[tool.poetry.source]]\nname = "tools"\nurl = ${JSON.stringify(url)}\npriority = "primary"\n`;
}

async function versionIn(project: string, module: string): Promise<string> {
  const program = `import ${module}; print(${module}.VERSION)`;
  return (await runOk([`${project}/.venv/bin/python`, '-c', program])).stdout.trim();
}

clientTest(
  'Poetry adds a package from the index as a source, then installs it from its lock file',
  'poetry',
  async (poetry) => {
    for (const version of ['1.9', '1.10', '2.0']) {
      await publish(server(), 'add', makeWheel({ name: 'My.Demo', version, requires: ['base'] }));
    }
    await publish(server(), 'add', makeWheel({ name: 'base', version: '1.0' }));
    await publish(server(), 'add', makeWheel({ name: 'base', version: '1.1' }));
    await yank(server(), 'pypi/add', 'base', '1.1', 'too early');
    using folder = new TempFolder();
    const options = { cwd: writeProject(folder, sourceTable(indexUrl(server(), 'add'))), env: environment(folder) };
    expect(await poetry.run(['add', 'my_demo@^1.0'], options)).toMatchObject({ code: 0 });
    expect(await versionIn(options.cwd, 'my_demo')).toBe('1.10');
    expect(await versionIn(options.cwd, 'base')).toBe('1.0');
    await run(['rm', '-rf', `${options.cwd}/.venv`, folder.join('cache')]);
    expect(await poetry.run(['install'], options)).toMatchObject({ code: 0 });
    expect(await versionIn(options.cwd, 'my_demo')).toBe('1.10');
  },
);

clientTest('Poetry installs from a private index with a token in the environment', 'poetry', async (poetry) => {
  await createRepository(server(), 'pypi/private', { visibility: 'private' });
  await publish(server(), 'private', makeWheel({ name: 'demo', version: '1.0' }));
  const token = await createToken(server(), 'poetry-private', 'pypi/private', ['read']);
  using folder = new TempFolder();
  const cwd = writeProject(folder, sourceTable(indexUrl(server(), 'private')));
  const credentials = { POETRY_HTTP_BASIC_TOOLS_USERNAME: '__token__', POETRY_HTTP_BASIC_TOOLS_PASSWORD: token };
  expect(await poetry.run(['add', 'demo'], { cwd, env: environment(folder, credentials) })).toMatchObject({ code: 0 });
  expect(await versionIn(cwd, 'demo')).toBe('1.0');
});

clientTest('Poetry publishes a project, twice, and with --skip-existing', 'poetry', async (poetry) => {
  await createRepository(server(), 'pypi/publish');
  const token = await createToken(server(), 'poetry-publish', 'pypi/publish', ['read', 'write']);
  using folder = new TempFolder();
  const cwd = folder.join('project');
  mkdirSync(`${cwd}/dist`, { recursive: true });
  writeFileSync(
    `${cwd}/pyproject.toml`,
    '[project]\nname = "my-demo"\nversion = "1.0"\nrequires-python = ">=3.9"\n\n[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n',
  );
  const env = environment(folder, {
    POETRY_REPOSITORIES_TOOLS_URL: indexUrl(server(), 'publish'),
    POETRY_HTTP_BASIC_TOOLS_USERNAME: '__token__',
    POETRY_HTTP_BASIC_TOOLS_PASSWORD: token,
  });
  const publishWith = async (marker: string, more: readonly string[] = []) => {
    for (const make of [makeWheel, makeSdist]) {
      const file = make({ name: 'my-demo', version: '1.0', requiresPython: '>=3.9', marker });
      await Bun.write(`${cwd}/dist/${file.fileName}`, file.bytes);
    }
    return poetry.run(['publish', '--repository', 'tools', ...more], { cwd, env });
  };
  expect(await publishWith('one')).toMatchObject({ code: 0 });
  expect(await publishWith('one')).toMatchObject({ code: 0 });
  expect((await publishWith('two')).code).not.toBe(0);
  expect(await publishWith('two', ['--skip-existing'])).toMatchObject({ code: 0 });
});
