import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { inCheckout } from '../support/paths.ts';
import { run } from '../support/run.ts';
import { TestServer } from '../support/start-server.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { OURS, sha256, Tool } from './two-tools.ts';

const folder = new TempFolder('dxf');
/** Larger than pipes, sockets and buffers are together. */
const large = Buffer.alloc(64 * 1024 * 1024, 'Packyard moves bytes. ');
let server: TestServer;
let dxf: Tool;
beforeAll(async () => {
  writeFileSync(folder.join('large'), large);
  writeFileSync(folder.join('hello'), 'hello\n');
  server = await TestServer.start();
  dxf = new Tool(OURS, { url: server.url, env: { DXF_TOKEN: server.adminToken } });
});
afterAll(async () => {
  await server.stop();
  folder.dispose();
});

const call = (args: readonly string[], env: Record<string, string> = {}) => dxf.run(args, { cwd: folder.path, env });

/** The same in a shell: `dxf` is the command, `$LARGE` the digest of the large file. */
function shell(script: string) {
  const { host } = new URL(server.url);
  const env = { DXF_HOST: host, DXF_INSECURE: '1', DXF_TOKEN: server.adminToken, LARGE: sha256(large) };
  return run(['bash', '-c', `dxf() { node ${inCheckout('bin/dxf')} "$@"; }; ${script}`], { cwd: folder.path, env });
}

describe('dxf', () => {
  test('is called by its name, or as a command of packyard', async () => {
    const { host } = new URL(server.url);
    const env = { DXF_HOST: host, DXF_INSECURE: '1', DXF_TOKEN: server.adminToken };
    expect(await call(['push-blob', 'team/names', 'hello'])).toMatchObject({
      code: 0,
      stdout: `${sha256('hello\n')}\n`,
    });
    const size = ['blob-size', 'team/names', sha256('hello\n')];
    const result = await run(['node', inCheckout('bin/packyard'), 'dxf', ...size], { env });
    expect(result).toMatchObject({ code: 0, stdout: '6\n' });
    expect((await call(['--version'])).stdout).toStartWith('dxf (Packyard ');
  });

  test('explains itself', async () => {
    const { code, stdout } = await call(['help']);
    expect(code).toBe(0);
    for (const line of ['pull-blob <repo> [<hash>|<@alias>...]', 'DXF_CHUNK_SIZE', '13 unauthorized']) {
      expect(stdout).toContain(line);
    }
    expect((await call(['set-alias', '--help'])).stdout).toContain(
      'Usage: dxf set-alias <repo> <alias> <hash>|<file>...',
    );
  });

  test('moves large blobs as a stream, whatever the size of a read', async () => {
    for (const size of ['', '10000', '3000000']) {
      const repo = `team/large-${size || 'usual'}`;
      const { code, stdout, stderr } = await shell(
        `export DXF_CHUNK_SIZE=${size}; ` +
          `dxf push-blob ${repo} large @large && dxf pull-blob ${repo} @large | sha256sum`,
      );
      const hex = sha256(large).slice('sha256:'.length);
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `sha256:${hex}\n${hex}  -\n`, stderr: '' });
    }
  });

  test('shows a bar for each transfer if DXF_PROGRESS is 1, and leaves standard output alone', async () => {
    const digest = sha256('hello\n');
    const full = /^sha256:5: 100 % \[#{20}\] 6 B(, .*\/s)?\n$/;
    const pushed = await call(['push-blob', 'team/bars', 'hello', '@a'], { DXF_PROGRESS: '1' });
    expect(pushed).toMatchObject({ code: 0, stdout: `${digest}\n`, stderr: expect.stringMatching(full) });
    // It is there already.
    expect((await call(['push-blob', 'team/bars', 'hello'], { DXF_PROGRESS: '1' })).stderr).toBe('');
    const pulled = await call(['pull-blob', 'team/bars', '@a'], { DXF_PROGRESS: '1' });
    expect(pulled).toMatchObject({ code: 0, stdout: 'hello\n', stderr: expect.stringMatching(full) });
    for (const DXF_PROGRESS of ['0', 'yes']) {
      expect((await call(['pull-blob', 'team/bars', '@a'], { DXF_PROGRESS })).stderr).toBe('');
    }
  });

  test('ends with 1 when whoever reads its output goes away', async () => {
    const script =
      'dxf push-blob team/pipes large >/dev/null; dxf pull-blob team/pipes $LARGE | head -c 3; echo " $PIPESTATUS"';
    const { stdout, stderr } = await shell(script);
    expect(stdout).toBe('Pac 1\n');
    expect(stderr).toBe('error: whoever read standard output stopped before the end\n');
  });

  test.each([
    [['push-blob', 'Not/A/Name', 'hello'], 2, 'not a repository name: "Not/A/Name"'],
    [['pull-blob', 'team/names', 'nonsense'], 2, 'not a digest: "nonsense"'],
    [['push-blob', 'team/names', 'large', '@a/b'], 2, 'not a tag: "a/b"'],
    [['get-alias', 'team/names', '@alias'], 2, 'not a tag: "@alias"'],
    [['get-alias', 'team/names', 'unknown'], 2, 'unknown'],
    [['push-blob', 'team/names', 'missing'], 1, 'there is no file missing'],
    [['push-blob', 'team/names', '.'], 1, '. is not a file'],
    [['set-alias', 'team/names', 'a'], 2, 'too few arguments\ntry: dxf set-alias <repo> <alias> <hash>|<file>...'],
    [['push-blob', 'team/names', 'hello', 'alias'], 2, 'invalid alias'],
  ] as const)('says what is wrong with %j, and ends with %d', async (args, code, message) => {
    const result = await call(args);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain(message);
  });

  test.each([
    [{ DXF_HOST: '' }, 'DXF_HOST is not set'],
    [{ DXF_HOST: 'http://localhost:5000' }, "not a registry's host"],
    [{ DXF_CHUNK_SIZE: '0' }, 'DXF_CHUNK_SIZE is not a number of bytes'],
    [{ DXF_CHUNK_SIZE: '8k' }, 'DXF_CHUNK_SIZE is not a number of bytes'],
    [{ DXF_TLSVERIFY: '/nowhere', DXF_INSECURE: '0' }, 'there is no file /nowhere, which DXF_TLSVERIFY names'],
  ])('says what is wrong with %j', async (env: Record<string, string>, message) => {
    const result = await call(['list-repos'], env);
    expect(result).toMatchObject({ code: message.startsWith('not a') ? 2 : 1, stdout: '' });
    expect(result.stderr).toContain(message);
  });
});
