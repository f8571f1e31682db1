import { beforeAll, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { sha256 } from '../dxf/two-tools.ts';
import { describeOnRegistries, type Place } from './registries.ts';

const HELLO = sha256('hello\n');
const WORLD = sha256('world\n');
const UNKNOWN = `sha256:${'0'.repeat(64)}`;
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** What `packyard alias set` and `dxf set-alias` make for the two files. */
const BOTH =
  `{"config": {"digest": "${HELLO}", "mediaType": "application/vnd.docker.container.image.v1+json", "size": 6}, ` +
  `"layers": [{"digest": "${HELLO}", "mediaType": "application/octet-stream", "size": 6}, ` +
  `{"digest": "${WORLD}", "mediaType": "application/octet-stream", "size": 6}], ` +
  '"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "schemaVersion": 2}';

describeOnRegistries('packyard alias', (place) => {
  beforeAll(() => {
    for (const name of ['hello', 'world']) writeFileSync(place().folder.join(name), `${name}\n`);
  });

  const ok = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await place().packyard(['alias', ...args]);
    expect(code, stderr).toBe(0);
    return stdout;
  };

  test('set names blobs and files, which it uploads, as dxf does', async () => {
    const repo = place().repo('team/set');
    await place().packyard(['blob', 'push', repo, 'hello']);
    expect(await ok('set', repo, 'both', HELLO, 'world')).toBe(`${repo}:both is ${sha256(BOTH)}\n`);
    const made = await place().fetch('team/set/manifests/both', { headers: { accept: DOCKER_MANIFEST } });
    expect(await made.text()).toBe(BOTH);
    expect(await place().json(['alias', 'set', repo, '@again', './hello', './world'])).toMatchObject({
      name: 'again',
      target: sha256(BOTH),
      blobs: [
        { digest: HELLO, size: 6 },
        { digest: WORLD, size: 6 },
      ],
    });
    const missing = await place().packyard(['alias', 'set', repo, 'a', UNKNOWN]);
    expect(missing).toMatchObject({ code: 3 });
    expect(missing.stderr).toContain(`there is no blob ${UNKNOWN} in ${repo}`);
  });

  test('get prints the digest of the manifest, or those of the blobs', async () => {
    const repo = place().repo('team/get');
    await ok('set', repo, 'both', 'hello', 'world');
    expect(await ok('get', repo, 'both')).toBe(`${sha256(BOTH)}\n`);
    expect(await ok('get', repo, '@both', '--blobs')).toBe(`${HELLO}\n${WORLD}\n`);
    expect(await place().json(['alias', 'get', repo, 'both'])).toEqual({
      name: 'both',
      target: sha256(BOTH),
      mediaType: DOCKER_MANIFEST,
      size: BOTH.length,
      blobs: [
        { digest: HELLO, size: 6 },
        { digest: WORLD, size: 6 },
      ],
    });
    const unknown = await place().packyard(['alias', 'get', repo, 'unknown']);
    expect(unknown).toMatchObject({ code: 3, stdout: '' });
    expect(unknown.stderr).toContain(`try: packyard alias list ${repo}`);
  });

  test('move gives an alias exactly the manifest that another has, and says what it was', async () => {
    const repo = place().repo('team/move');
    await ok('set', repo, 'v1', 'hello');
    await ok('set', repo, 'v2', 'world');
    // Spaces, an unknown field and the order of fields are all a part of it.
    const odd = `{ "schemaVersion": 2,\n  "mediaType": "${OCI_MANIFEST}", "x": 1, "layers": [], "config": ${descriptor(HELLO, 6)} }\n`;
    await put(place(), 'team/move', 'odd', odd, OCI_MANIFEST);
    const v1 = (await ok('get', repo, 'v1')).trim();

    expect(await ok('move', repo, 'stable', 'v1')).toBe(`${repo}:stable is ${v1}, it is new\n`);
    expect(await ok('move', repo, 'stable', 'odd')).toBe(`${repo}:stable is ${sha256(odd)}, it was ${v1}\n`);
    const moved = await place().fetch('team/move/manifests/stable', { headers: { accept: OCI_MANIFEST } });
    expect([moved.headers.get('content-type'), await moved.text()]).toEqual([OCI_MANIFEST, odd]);
    expect(await ok('move', repo, 'stable', 'odd')).toBe(`${repo}:stable is ${sha256(odd)}, as before\n`);
    // Back again, by digest.
    expect(await place().json(['alias', 'move', repo, 'stable', v1])).toMatchObject({
      name: 'stable',
      target: v1,
      previous: sha256(odd),
    });
    expect(await place().packyard(['alias', 'move', repo, 'stable', 'unknown'])).toMatchObject({ code: 3 });
    expect(await place().packyard(['alias', 'move', repo, 'stable', UNKNOWN])).toMatchObject({ code: 3 });
    expect(await ok('get', repo, 'stable')).toBe(`${v1}\n`);
  });

  test('list prints the names', async () => {
    const repo = place().repo('team/list');
    for (const name of ['b', 'A', '0']) await ok('set', repo, name, 'hello');
    expect((await ok('list', repo)).trim().split('\n').sort()).toEqual(['0', 'A', 'b']);
    expect(await place().json(['alias', 'list', repo])).toEqual(
      expect.arrayContaining([{ name: '0' }, { name: 'A' }, { name: 'b' }]),
    );
    expect(await place().packyard(['alias', 'list', place().repo('never/pushed')])).toMatchObject({ code: 3 });
  });

  test('an alias of several platforms is one, and --platform chooses of its blobs', async () => {
    const repo = place().repo('team/platforms');
    await ok('set', repo, 'amd64', 'hello');
    await ok('set', repo, 'arm', 'world');
    const [amd64, arm] = [(await ok('get', repo, 'amd64')).trim(), (await ok('get', repo, 'arm')).trim()];
    const index = indexOf([amd64, '"amd64"'], [arm, '"arm", "variant": "v7"']);
    await put(place(), 'team/platforms', 'multi', index, OCI_INDEX);
    expect(await ok('get', repo, 'multi')).toBe(`${sha256(index)}\n`);
    expect(await ok('get', repo, 'multi', '--blobs', '--platform', 'linux/arm/v7')).toBe(`${WORLD}\n`);
    expect(await place().json(['alias', 'get', repo, 'multi'])).toMatchObject({
      platforms: [
        { platform: 'linux/amd64', digest: amd64 },
        { platform: 'linux/arm/v7', digest: arm },
      ],
    });
    expect(await ok('move', repo, 'stable', 'multi')).toContain(sha256(index));
    const pull = (...more: readonly string[]) => place().packyard(['blob', 'pull', repo, '@stable', ...more]);
    expect((await pull('--platform', 'linux/amd64')).stdout).toBe('hello\n');
    const several = await pull();
    expect(several).toMatchObject({ code: 2, stdout: '' });
    expect(several.stderr).toContain('there are several platforms: linux/amd64, linux/arm/v7');
    expect(await pull('--platform', 'plan9/386')).toMatchObject({ code: 3 });
    // One alone needs no choice.
    await put(place(), 'team/platforms', 'one', indexOf([arm, '"arm"']), OCI_INDEX);
    expect((await place().packyard(['blob', 'pull', repo, '@one'])).stdout).toBe('world\n');
  });

  test('delete removes the alias alone where the registry can, and with --manifest all of them', async () => {
    const repo = place().repo('team/delete');
    for (const name of ['a', 'b', 'c']) await ok('set', repo, name, 'hello');
    await ok('set', repo, 'other', 'world');
    const alone = await place().packyard(['alias', 'delete', repo, 'a']);
    if (repo.startsWith('oci/')) {
      expect(alone).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`deleted alias a of ${repo}; it was sha256:`),
      });
    } else {
      expect(alone).toMatchObject({ code: 1, stdout: '' });
      expect(alone.stderr).toContain(`try: packyard alias delete ${repo} a --manifest`);
    }
    await ok('delete', repo, 'b', '--manifest');
    expect(await ok('list', repo)).toBe('other\n');
    expect(await place().packyard(['alias', 'delete', repo, 'b'])).toMatchObject({ code: 3 });
    expect((await place().packyard(['blob', 'pull', repo, HELLO])).stdout).toBe('hello\n');
  });

  test.each([
    [['get', 'REPO'], 'try: packyard alias get REPO ALIAS'],
    [['get', 'REPO', 'a', 'b'], 'too many arguments'],
    [['set', 'REPO', 'a'], 'try: packyard alias set REPO ALIAS DIGEST|FILE...'],
    [['get', 'REPO:1.0'], 'try: write REPO and, as an argument of its own, the alias 1.0'],
    [['set', 'REPO', 'a/b', HELLO], 'not a tag: "a/b"'],
    [['list', 'oci/team', 'team/app'], 'try: packyard alias list oci/team/app'],
    [['get', 'generic/firmware', 'router'], 'try: packyard alias get generic/firmware PACKAGE ALIAS'],
    [['get'], "missing required argument 'repository'"],
  ] as const)('says what is wrong with %j', async (args, message) => {
    const repo = place().repo('team/wrong');
    const result = await place().packyard(['alias', ...args.map((arg) => arg.replace('REPO', repo))]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain(message.replace('REPO', repo));
  });
});

function descriptor(digest: string, size: number): string {
  return JSON.stringify({ mediaType: 'application/vnd.oci.image.config.v1+json', digest, size });
}

/** An index of manifests that `alias set` made for one blob of six bytes. */
function indexOf(...entries: readonly (readonly [digest: string, architecture: string])[]): string {
  const size = BOTH.length - `{"digest": "${WORLD}", "mediaType": "application/octet-stream", "size": 6}, `.length;
  const listed = entries.map(
    ([digest, architecture]) =>
      `{"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "size": ${size}, "digest": "${digest}", ` +
      `"platform": {"os": "linux", "architecture": ${architecture}}}`,
  );
  return `{"schemaVersion": 2, "mediaType": "${OCI_INDEX}", "manifests": [${listed.join(', ')}]}`;
}

async function put(place: Place, name: string, tag: string, body: string, type: string): Promise<void> {
  const response = await place.fetch(`${name}/manifests/${tag}`, {
    method: 'PUT',
    body,
    headers: { 'content-type': type },
  });
  if (response.status !== 201) throw new Error(`no manifest could be put: ${response.status} ${await response.text()}`);
}
