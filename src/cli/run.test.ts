import { afterAll, describe, expect, test } from 'bun:test';
import { run } from './run.ts';
import { testIo } from './test-io.ts';

const requests: { method: string; path: string; authorization: string | null; body: string }[] = [];
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const { pathname, search } = new URL(request.url);
    const authorization = request.headers.get('authorization');
    requests.push({ method: request.method, path: pathname + search, authorization, body: await request.text() });
    if (pathname.endsWith('/missing')) {
      return Response.json({ error: { code: 'not_found', message: 'no such repository' } }, { status: 404 });
    }
    if (pathname.endsWith('/tokens')) return Response.json({ id: 't1', user: 'me', scopes: [], token: 'pky_new' });
    return Response.json({ items: [], removed: 1, undoUntil: '2030-01-08T09:30:00.000Z', changed: 2 });
  },
});
afterAll(() => server.stop(true));
const url = `http://127.0.0.1:${server.port}`;

async function packyard(argv: readonly string[], input?: string) {
  const io = testIo({ input });
  requests.length = 0;
  const code = await run('packyard', argv, io);
  return { code, out: io.out.join('\n'), err: io.err.join('\n'), request: requests[0] };
}

describe('packyard', () => {
  test('without a command shows the help on standard error and ends with 2', async () => {
    const { code, out, err } = await packyard([]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Usage: packyard');
  });

  test('--help is data, and every command has its own', async () => {
    const { code, out } = await packyard(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('upload');
    expect((await packyard(['token', 'create', '--help'])).out).toContain('--scope');
    expect((await packyard(['help', 'upload'])).out).toContain('Examples:');
  });

  test.each([
    [['uplaod'], "error: unknown command 'uplaod'\ntry: upload"],
    [['repo', 'lsit'], "error: unknown command 'lsit'\ntry: list"],
    [['repo', 'list', '--formt', 'x'], "error: unknown option '--formt'\ntry: --format"],
    [['repo', 'show'], "error: missing required argument 'repository'"],
    [['repo', 'show', 'tools'], 'error: not a repository: "tools"\ntry: write FORMAT/NAME, e.g. pypi/tools'],
    [['token', 'create', 'ci'], "error: required option '--scope <repository:actions>' not specified"],
    [['repo', 'list', '--url', 'nonsense'], 'error: the --url option is not an http or https address'],
  ])('%p is a usage error', async (argv, expected) => {
    const { code, out, err } = await packyard(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toStartWith(expected);
  });

  test('takes --url and --token-stdin before and after the command', async () => {
    for (const argv of [
      ['--url', url, '--token-stdin', 'repo', 'list', '--json'],
      ['repo', 'list', '--json', '--token-stdin', '--url', url],
    ]) {
      const { code, out, request } = await packyard(argv, 'pky_in\n');
      expect({ code, out }).toEqual({ code: 0, out: '[]' });
      expect(request?.authorization).toBe('Bearer pky_in');
    }
    expect((await packyard(['repo', 'list', '--url', url, '--token-stdin'], '')).code).toBe(2);
  });

  test('says that a list is empty in words, but not where data is expected', async () => {
    const { out, err } = await packyard(['repo', 'list', '--url', url]);
    expect(out).toBe('');
    expect(err).toContain('no repositories yet');
  });

  test('ends with the code of the error that the server gave', async () => {
    const plain = await packyard(['repo', 'show', 'pypi/missing', '--url', url]);
    expect(plain).toMatchObject({ code: 3, out: '', err: 'error: no such repository' });
    const json = await packyard(['repo', 'show', 'pypi/missing', '--url', url, '--json']);
    expect(JSON.parse(json.err)).toEqual({ error: { code: 'not_found', message: 'no such repository' } });
  });

  test('prints a new token alone on standard output', async () => {
    const { out, err, request } = await packyard([
      'token',
      'create',
      'ci',
      '--scope',
      'pypi/*:read',
      '--scope',
      'oci/x:write',
      '--url',
      url,
    ]);
    expect(out).toBe('pky_new');
    expect(err).not.toContain('pky_new');
    expect(JSON.parse(request?.body ?? '')).toEqual({
      name: 'ci',
      scopes: [
        { repository: 'pypi/*', actions: ['read'] },
        { repository: 'oci/x', actions: ['write'] },
      ],
    });
  });

  test('does not delete without --yes where nobody can be asked', async () => {
    const refused = await packyard(['delete', 'pypi/tools', 'tool@1.0', '--url', url]);
    expect(refused).toMatchObject({ code: 2, request: undefined });
    const done = await packyard(['delete', 'pypi/tools', 'tool@1.0', '--file', 'a.whl', '--yes', '--url', url]);
    expect(done).toMatchObject({ code: 0, out: 'deleted a.whl of tool@1.0: 1 file' });
    expect(done.err).toContain(
      'undo it until 2030-01-08 09:30 UTC: packyard undelete pypi/tools tool@1.0 --file a.whl',
    );
    expect(done.request?.path).toBe('/api/v1/repositories/pypi/tools/packages/tool/versions/1.0/files/a.whl');
  });

  test('yanks with a reason and takes it back for one file', async () => {
    const yanked = await packyard(['yank', 'pypi/tools', 'tool@1.0', '--reason', 'broken', '--url', url]);
    expect(yanked.out).toBe('yanked tool@1.0: 2 files');
    expect(JSON.parse(yanked.request?.body ?? '')).toEqual({ reason: 'broken' });
    const { request } = await packyard(['unyank', 'pypi/tools', 'tool@1.0', '--file', 'a b.whl', '--url', url]);
    expect(request).toMatchObject({ method: 'DELETE' });
    expect(request?.path).toEndWith('/versions/1.0/yank?file=a+b.whl');
  });

  test('uploads what it can and ends with the code of the worst file', async () => {
    const { code, err, request } = await packyard([
      'upload',
      'generic/r',
      '/no/such/file',
      '--name',
      'p',
      '--version',
      '1',
      '--url',
      url,
    ]);
    expect({ code, request }).toEqual({ code: 3, request: undefined });
    expect(err).toBe('error: there is no file /no/such/file');
  });
});
