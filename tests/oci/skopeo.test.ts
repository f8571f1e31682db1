import { expect } from 'bun:test';
import { createRepository } from '../support/api.ts';
import { clientTest } from '../support/clients.ts';
import { useServer } from '../support/use-server.ts';
import { Session } from './clients.ts';
import { digestOf, IMAGE, Image, INDEX, toBytes } from './protocol.ts';

const server = useServer();
const PLAIN = '--tls-verify=false';
const COPY = ['copy', '--src-tls-verify=false', '--dest-tls-verify=false'];

/** Pushes an index of images for two platforms. */
async function pushMultiArch(name: string, tag: string): Promise<readonly string[]> {
  const image = new Image(server(), name);
  const manifests = [];
  for (const architecture of ['amd64', 'arm64'])
    manifests.push({ ...(await image.pushImage()), platform: { os: 'linux', architecture } });
  await image.pushManifest(tag, toBytes({ schemaVersion: 2, mediaType: INDEX, manifests }), INDEX);
  return manifests.map(({ digest }) => digest);
}

clientTest('skopeo copies an image out and in again, and both are the same to the byte', 'skopeo', async (skopeo) => {
  using session = await Session.open(skopeo, server(), 'copied');
  const { digest } = await new Image(server(), 'copied/app').pushImage('1.0');
  const source = `docker://${session.host}/copied/app`;
  const creds = ['--dest-creds', `me:${session.token}`];
  for (const [number, layout] of [
    `dir:${session.folder.join('dir')}`,
    `oci:${session.folder.join('oci')}:x`,
  ].entries()) {
    await session.ok([...COPY, '--preserve-digests', `${source}:1.0`, layout]);
    await session.ok([
      ...COPY,
      '--preserve-digests',
      ...creds,
      layout,
      `docker://${session.host}/copied/again:${number}`,
    ]);
    const head = await new Image(server(), 'copied/again').ok(200, 'HEAD', `manifests/${number}`);
    expect(head.headers.get('docker-content-digest')).toBe(digest);
  }
  const { stdout } = await session.ok(['list-tags', PLAIN, `docker://${session.host}/copied/again`]);
  expect(JSON.parse(stdout)).toMatchObject({ Tags: ['0', '1'] });
});

clientTest('skopeo copies from image to image by mounting, and all platforms of an index', 'skopeo', async (skopeo) => {
  using session = await Session.open(skopeo, server(), 'multi');
  const digests = await pushMultiArch('multi/app', '1.0');
  const source = `docker://${session.host}/multi/app:1.0`;
  const target = `docker://${session.host}/multi/copy:1.0`;
  await session.ok([
    ...COPY,
    '--all',
    '--preserve-digests',
    '--src-creds',
    `me:${session.token}`,
    '--dest-creds',
    `me:${session.token}`,
    source,
    target,
  ]);
  const raw = await session.ok(['inspect', PLAIN, '--raw', target]);
  const index = JSON.parse(raw.stdout) as { manifests: { digest: string }[] };
  expect(index.manifests.map(({ digest }) => digest)).toEqual([...digests]);
  const one = await session.ok(['inspect', PLAIN, '--override-arch', 'arm64', '--format', '{{.Digest}}', target]);
  expect(one.stdout.trim()).toBe(digestOf(raw.stdout));
});

clientTest('skopeo deletes an image by its tag', 'skopeo', async (skopeo) => {
  using session = await Session.open(skopeo, server(), 'deleted');
  await new Image(server(), 'deleted/app').pushImage('1.0');
  const image = `docker://${session.host}/deleted/app:1.0`;
  await session.ok(['delete', PLAIN, '--creds', `me:${session.token}`, image]);
  const gone = await session.run(['inspect', PLAIN, image]);
  expect(gone.code).not.toBe(0);
  expect(gone.stderr).toContain('manifest unknown');
});

clientTest('skopeo logs in with a token, and not with a wrong one', 'skopeo', async (skopeo) => {
  using session = await Session.open(skopeo, server(), 'locked');
  await createRepository(server(), 'oci/locked', { visibility: 'private' });
  await new Image(server(), 'locked/app').pushImage('1.0');
  const auth = ['--authfile', session.folder.join('auth.json')];
  const login = ['login', PLAIN, ...auth, '--username', 'me', '--password-stdin', session.host];
  const inspect = ['inspect', PLAIN, ...auth, '--format', '{{.Name}}', `docker://${session.host}/locked/app:1.0`];
  const wrong = await session.run(login, { input: `pky_${'x'.repeat(43)}` });
  expect(wrong.code).not.toBe(0);
  expect((await session.run(inspect)).code).not.toBe(0);
  expect((await session.ok(login, { input: session.token })).output).toContain('Login Succeeded');
  expect((await session.ok(inspect)).stdout.trim()).toBe(`${session.host}/locked/app`);
});

clientTest(
  'skopeo is told why a push is refused, and what it may not read it does not see',
  'skopeo',
  async (skopeo) => {
    using session = await Session.open(skopeo, server(), 'mine');
    const source = new Image(server(), 'public/app');
    const manifest = await source.makeImage();
    await source.pushManifest('1.0', manifest, IMAGE);
    const creds = ['--dest-creds', `me:${session.token}`];
    const [from, to] = ['public/app', 'theirs/app'].map((name) => `docker://${session.host}/${name}:1.0`);
    const refused = await session.run([...COPY, ...creds, from ?? '', to ?? '']);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('denied');
  },
);
