import { beforeAll, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { sha256 } from '../dxf/two-tools.ts';
import { describeOnRegistries } from './registries.ts';

const HELLO = sha256('hello\n');
const WORLD = sha256('world\n');
const UNKNOWN = `sha256:${'0'.repeat(64)}`;
/** Larger than pipes, sockets and buffers are together. */
const large = Buffer.alloc(32 * 1024 * 1024, 'Packyard moves bytes. ');
const LARGE = sha256(large);

describeOnRegistries('packyard blob', (place) => {
  beforeAll(() => {
    for (const [name, content] of [
      ['hello', 'hello\n'],
      ['world', 'world\n'],
      ['empty', ''],
      ['large', large],
    ] as const)
      writeFileSync(place().folder.join(name), content);
  });

  test('push uploads a file once, prints its digest, and gives it an alias', async () => {
    const repo = place().repo('team/push');
    expect(await place().packyard(['blob', 'push', repo, 'hello', '@may15-readings'])).toMatchObject({
      code: 0,
      stdout: `${HELLO}\n`,
      stderr: '',
    });
    expect(await place().json(['blob', 'push', repo, 'hello'])).toEqual({ digest: HELLO, size: 6, result: 'present' });
    expect(await place().json(['blob', 'push', repo, 'world', '@w'])).toEqual({
      digest: WORLD,
      size: 6,
      result: 'uploaded',
      alias: { name: 'w', target: expect.stringMatching(/^sha256:/) },
    });
    expect((await place().packyard(['blob', 'pull', repo, '@may15-readings'])).stdout).toBe('hello\n');
  });

  test('push takes standard input, and sends in pieces where that is wanted', async () => {
    const repo = place().repo('team/streams');
    const piped = await place().packyard(['blob', 'push', repo, '-', '@piped'], { input: new Blob([large]) });
    expect(piped).toMatchObject({ code: 0, stdout: `${LARGE}\n` });
    const other = place().repo('team/pieces');
    const inPieces = await place().packyard(['blob', 'push', other, 'large', '--chunk-size', '5000000']);
    expect(inPieces).toMatchObject({ code: 0, stdout: `${LARGE}\n` });
    for (const where of [repo, other]) {
      await place().packyard(['blob', 'pull', where, LARGE, '-o', 'got']);
      expect(sha256(readFileSync(place().folder.join('got')))).toBe(LARGE);
    }
  });

  test('pull writes to standard output, one blob after another', async () => {
    const repo = place().repo('team/pull');
    for (const name of ['hello', 'world', 'empty']) await place().packyard(['blob', 'push', repo, name, `@${name}`]);
    const { code, stdout, stderr } = await place().packyard(['blob', 'pull', repo, '@world', HELLO, '@empty', WORLD]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'world\nhello\nworld\n', stderr: '' });
  });

  test('pull -o replaces a file only by what is verified, and leaves nothing else behind', async () => {
    const repo = place().repo('team/files');
    const inFolder = (name: string) => place().folder.join(name);
    await place().packyard(['blob', 'push', repo, 'hello', '@a']);
    writeFileSync(inFolder('there'), 'before');
    symlinkSync('there', inFolder('link'));
    expect(await place().packyard(['blob', 'pull', repo, HELLO, UNKNOWN, '-o', 'there'])).toMatchObject({ code: 3 });
    expect(readFileSync(inFolder('there'), 'utf8')).toBe('before');
    expect(await place().packyard(['blob', 'pull', repo, '@a', '-o', 'link'])).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(inFolder('there'), 'utf8')).toBe('hello\n');
    expect(readlinkSync(inFolder('link'))).toBe('there');
    expect(await place().json(['blob', 'pull', repo, '@a', HELLO, '--output', 'new'])).toEqual({
      file: 'new',
      size: 12,
      blobs: [HELLO, HELLO],
    });
    // What is no file stays what it is.
    expect(await place().packyard(['blob', 'pull', repo, '@a', '-o', '/dev/null'])).toMatchObject({ code: 0 });
    expect(readFileSync('/dev/null', 'utf8')).toBe('');
    expect(await place().packyard(['blob', 'pull', repo, '@a', '-o', '.'])).toMatchObject({ code: 2 });
    expect(await place().packyard(['blob', 'pull', repo, '@a', '-o', 'nowhere/file'])).toMatchObject({ code: 3 });
    expect(readdirSync(place().folder.path).filter((name) => name.includes('.part'))).toEqual([]);
  });

  test('size prints bytes, of an alias those of all its blobs', async () => {
    const repo = place().repo('team/size');
    await place().packyard(['alias', 'set', repo, 'both', 'hello', './large']);
    expect((await place().packyard(['blob', 'size', repo, HELLO, '@both'])).stdout).toBe(`6\n${6 + large.length}\n`);
    expect(await place().json(['blob', 'size', repo, LARGE, '@both'])).toEqual([
      { name: LARGE, size: large.length },
      { name: '@both', size: 6 + large.length },
    ]);
    expect(await place().packyard(['blob', 'size', repo, UNKNOWN])).toMatchObject({ code: 3, stdout: '' });
  });

  test('mount takes a blob over within a registry', async () => {
    const [from, to] = [place().repo('team/from'), place().repo('team/to')];
    await place().packyard(['blob', 'push', from, 'hello']);
    const result = await place().packyard(['blob', 'mount', to, from, HELLO, '@mounted']);
    expect(result).toMatchObject({ code: 0, stdout: `${HELLO}\n` });
    expect((await place().packyard(['blob', 'pull', to, '@mounted'])).stdout).toBe('hello\n');
    const unknown = await place().packyard(['blob', 'mount', to, from, UNKNOWN]);
    expect(unknown).toMatchObject({ code: 3, stdout: '' });
    expect(unknown.stderr).toContain(`packyard blob size ${from} ${UNKNOWN}`);
    expect(await place().packyard(['blob', 'mount', to, 'registry.test/a', HELLO])).toMatchObject({ code: 2 });
  });

  test('delete removes blobs when told that it may; an alias stays', async () => {
    const repo = place().repo('team/delete');
    await place().packyard(['alias', 'set', repo, 'both', 'hello', 'world']);
    const asked = await place().packyard(['blob', 'delete', repo, '@both']);
    expect(asked).toMatchObject({ code: 2, stdout: '' });
    expect(asked.stderr).toContain(`Delete 2 blobs from ${repo}? Nobody is there to answer`);
    const partly = await place().packyard(['blob', 'delete', repo, UNKNOWN, HELLO, '--yes']);
    expect(partly).toMatchObject({ code: 3, stdout: `deleted ${HELLO}\n` });
    expect(await place().packyard(['blob', 'size', repo, HELLO])).toMatchObject({ code: 3 });
    expect((await place().packyard(['blob', 'delete', repo, '@both', WORLD, '--yes'])).stdout).toBe(
      `deleted ${WORLD}\n`,
    );
    expect(await place().packyard(['alias', 'get', repo, 'both'])).toMatchObject({ code: 0 });
  });

  test.each([
    [['push', 'REPO', 'missing'], 3, 'there is no file missing'],
    [['push', 'REPO', 'hello', 'alias'], 2, 'try: write it with @ before it: @alias'],
    [['push', 'REPO', 'missing', '@not an alias'], 2, 'not a tag: "not an alias"'],
    [['push', 'generic/team', 'hello'], 2, 'not a repository of a registry: "generic/team"'],
    [['push', 'oci/Not/A/Name', 'hello'], 2, 'not a repository name: "Not/A/Name"'],
    [['push', 'REPO:1.0', 'hello'], 2, 'try: write REPO and, as an argument of its own, the alias 1.0'],
    [['push', 'REPO', 'hello', '--chunk-size', '8k'], 2, 'It must be a whole number above 0.'],
    [['pull', 'REPO', '@unknown'], 3, 'there is no alias unknown in REPO'],
    [['pull', 'REPO', 'alias'], 2, 'or an alias like @alias'],
    [['pull', 'REPO', HELLO.slice(7)], 2, `try: write ${HELLO}`],
    [['pull', 'REPO'], 2, "missing required argument 'blobs'"],
    [['size', 'localhost:1/a', HELLO], 7, 'nobody answers at http://localhost:1'],
  ] as const)('says what is wrong with %j, and ends with %d', async (args, code, message) => {
    const repo = place().repo('team/wrong');
    const result = await place().packyard(['blob', ...args.map((arg) => arg.replace('REPO', repo))]);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain(message.replace('REPO', repo));
  });

  test('what fails is one JSON object on standard error with --json', async () => {
    const repo = place().repo('team/wrong');
    const { code, stderr } = await place().packyard(['blob', 'size', repo, '@unknown', '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'not_found', hint: `packyard alias list ${repo}` });
    expect(existsSync(place().folder.join('unknown'))).toBe(false);
  });
});
