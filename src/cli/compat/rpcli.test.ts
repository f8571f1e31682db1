import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processEnvironment } from '../../config/environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'packyard-rpcli-'));
const file = join(folder, 'hello-1.0.tar.gz');
writeFileSync(file, 'content of the file');

const received: { path: string; authorization: string | null; fileName: string; content: string }[] = [];
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const { pathname, search, searchParams } = new URL(request.url);
    const part = (await request.formData()).get('f');
    if (!(part instanceof File)) return new Response('no file', { status: 400 });
    const authorization = request.headers.get('authorization');
    received.push({ path: pathname + search, authorization, fileName: part.name, content: await part.text() });
    if (searchParams.get('reponame') === 'refused') return new Response('{"ok": false}\n', { status: 500 });
    return new Response('{\n    "ok": true\n}');
  },
});
afterAll(() => {
  server.stop(true);
  rmSync(folder, { recursive: true });
});

const url = `http://127.0.0.1:${server.port}`;
const upload = ['upload', '-y', 'tar', '-f', file, '-r', 'repo', '-p', 'hello', '-i', '1.0'];

/** Through the launcher, as scripts call it. */
async function rpcli(args: readonly string[], env: Record<string, string> = {}) {
  received.length = 0;
  const launcher = join(import.meta.dir, '../../../bin/rpcli');
  const child = Bun.spawn(['node', launcher, ...args], {
    cwd: folder,
    env: { PATH: processEnvironment().PATH, ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, err };
}

describe('rpcli', () => {
  test('uploads a file and prints the answer', async () => {
    const result = await rpcli(['-s', url, ...upload, '-a', 'dist=trusty', '-a', 'x=a=b'], {
      PACKYARD_TOKEN: 'pky_env',
    });
    expect(result).toEqual({ code: 0, out: '{\n    "ok": true\n}\n', err: '' });
    expect(received).toEqual([
      {
        path: '/addpkg?provider=tar&reponame=repo&name=hello&version=1.0&dist=trusty&x=a%3Db',
        authorization: 'Bearer pky_env',
        fileName: 'hello-1.0.tar.gz',
        content: 'content of the file',
      },
    ]);
  });

  test('takes the long options, several parameters after one -a, and a token', async () => {
    const long = ['--provider', 'apt', '--file', file, '--repo', 'r', '--package', 'p', '--package-version', '1~2'];
    const args = ['--server', `${url}/`, '--token', 'pky_flag', 'upload', ...long, '--args', 'dist=trusty', 'b=2'];
    expect((await rpcli(args)).code).toBe(0);
    expect(received[0]?.path).toBe('/addpkg?provider=apt&reponame=r&name=p&version=1%7E2&dist=trusty&b=2');
    expect(received[0]?.authorization).toBe('Bearer pky_flag');
  });

  test('prints the answer of a refusal too, and ends with 1', async () => {
    const result = await rpcli(['-s', url, ...upload.with(6, 'refused')]);
    expect(result).toEqual({
      code: 1,
      out: '{"ok": false}\n',
      err: 'error: the server refused the upload (HTTP 500)\n',
    });
  });

  test('ends with 1 and a message when the file is not there', async () => {
    const result = await rpcli(['-s', url, ...upload.with(4, '/no/such/file')]);
    expect(result).toEqual({ code: 1, out: '', err: 'error: there is no file /no/such/file\n' });
  });

  test.each([
    [['-a', 'name=x'], "error: duplicate parameter 'name'\n"],
    [['-a', 'dist=a', '-a', 'dist=b'], "error: duplicate parameter 'dist'\n"],
    [['-a', 'bad'], 'error: not KEY=VALUE: "bad"\n'],
  ])('ends with 2 for %p and sends nothing', async (extra, message) => {
    const result = await rpcli(['-s', url, ...upload, ...extra]);
    expect(result).toMatchObject({ code: 2, out: '' });
    expect(result.err).toStartWith(message);
    expect(received).toEqual([]);
  });

  test.each([
    [upload, '-s, --server'],
    [['-s', url, 'upload', '-y', 'tar'], '-f, --file'],
  ])('ends with 2 when an option is missing, and names it', async (args, option) => {
    const result = await rpcli(args);
    expect(result.code).toBe(2);
    expect(result.err).toContain(option);
  });

  test('ends with 2 without a command', async () => {
    expect((await rpcli([])).code).toBe(2);
    expect((await rpcli(['-s', url])).code).toBe(2);
  });
});
