import { describe, expect, test } from 'bun:test';
import { createRepository, createToken } from '../../support/api.ts';
import { useServer } from '../../support/use-server.ts';
import { ALGORITHMS, digestOf, freshName, Image, OCTETS, someBytes } from '../protocol.ts';
import { ending, expectError, expectStored, rangeOf } from './uploading.ts';

const server = useServer();
const fresh = (of = 'mounts') => new Image(server(), freshName(of));
const mount = (image: Image, digest: string, from?: string) =>
  image.call('POST', `blobs/uploads/?mount=${encodeURIComponent(digest)}${from === undefined ? '' : `&from=${from}`}`);

describe.each(ALGORITHMS)('a blob with a %s', (algorithm) => {
  test.each([
    ['an image that has it', true],
    ['nowhere in particular', false],
  ])('is mounted from %s, and stays when it goes there', async (_, isNamed) => {
    const [source, target] = [fresh('mount-source'), fresh('mount-target')];
    const bytes = someBytes(700);
    const digest = await source.pushBlob(bytes, algorithm);
    await expectStored(target, await mount(target, digest, isNamed ? source.name : undefined), { bytes, digest });
    await source.ok(202, 'DELETE', `blobs/${digest}`);
    await target.ok(200, 'HEAD', `blobs/${digest}`);
    await target.ok(202, 'DELETE', `blobs/${digest}`);
    expect((await target.call('HEAD', `blobs/${digest}`)).status).toBe(404);
  });

  test('that is not there begins an upload instead, which takes it', async () => {
    const image = fresh();
    const bytes = someBytes(700);
    const digest = digestOf(bytes, algorithm);
    const other = fresh();
    await other.pushBlob('something else');
    for (const from of [undefined, '', other.name, freshName('never/pushed'), image.name]) {
      const response = await mount(image, digest, from);
      expect(response.status).toBe(202);
      const location = response.headers.get('location') ?? '';
      expect(await rangeOf(image, location)).toBe('0-0');
      const put = await image.call('PUT', ending(location, digest), { body: bytes, headers: OCTETS });
      await expectStored(image, put, { bytes, digest });
      await image.ok(202, 'DELETE', `blobs/${digest}`);
    }
  });
});

test('a mount of what the image has already is done, also when nothing is named or itself', async () => {
  const image = fresh();
  const bytes = someBytes(300);
  const digest = await image.pushBlob(bytes);
  for (const from of [undefined, '', image.name]) {
    await expectStored(image, await mount(image, digest, from), { bytes, digest });
  }
});

test('a mount is from the image that is named, and not from another one that has it', async () => {
  const [holder, other, target] = [fresh(), fresh(), fresh()];
  const digest = await holder.pushBlob(someBytes(100));
  await other.pushBlob('something else');
  expect((await mount(target, digest, other.name)).status).toBe(202);
  expect((await target.call('HEAD', `blobs/${digest}`)).status).toBe(404);
});

test('a blob that was deleted everywhere is mounted from nowhere', async () => {
  const [source, target] = [fresh(), fresh()];
  const digest = await source.pushBlob(someBytes(100));
  await source.ok(202, 'DELETE', `blobs/${digest}`);
  expect((await mount(target, digest)).status).toBe(202);
  expect((await mount(target, digest, source.name)).status).toBe(202);
});

test('many images mount one blob at the same time', async () => {
  const source = fresh();
  const bytes = someBytes(900);
  const digest = await source.pushBlob(bytes);
  const targets = Array.from({ length: 12 }, (_, n) => fresh(`mount-many-${n % 3}`));
  const answers = await Promise.all(targets.map((target, n) => mount(target, digest, n % 2 ? source.name : undefined)));
  for (const [n, target] of targets.entries()) await expectStored(target, answers[n] as Response, { bytes, digest });
});

describe('a blob of a private repository', () => {
  test('is mounted by who may read there, and for anybody else is not there, with any wording', async () => {
    await createRepository(server(), 'oci/mount-vault', { visibility: 'private' });
    const source = new Image(server(), 'mount-vault/app');
    const bytes = someBytes(400);
    const digest = await source.pushBlob(bytes);
    const stranger = await createToken(server(), 'stranger', 'oci/mount-stranger', ['read', 'write', 'delete']);
    const thief = new Image(server(), 'mount-stranger/app', stranger);
    await thief.pushBlob('makes the repository');
    for (const from of [undefined, '', source.name, 'mount-vault', 'mount-vault/none'])
      expect((await mount(thief, digest, from)).status).toBe(202);
    expect((await thief.call('HEAD', `blobs/${digest}`)).status).toBe(404);
    // Whether a repository is there that it may not see makes no difference to the answer.
    expect((await mount(thief, digest, 'no-such-vault/app')).status).toBe(202);
    const friend = new Image(server(), 'mount-stranger/app');
    await expectStored(friend, await mount(friend, digest, source.name), { bytes, digest });
  });

  test('is mounted by a token with two scopes, one to read and one to write', async () => {
    await createRepository(server(), 'oci/mount-library', { visibility: 'private' });
    const source = new Image(server(), 'mount-library/base');
    const digest = await source.pushBlob(someBytes(400));
    const reads = await createToken(server(), 'reads', 'oci/mount-library', ['read']);
    await expectError(await mount(new Image(server(), 'mount-own/app', reads), digest, source.name), 403, 'DENIED');
    const both = await createToken(server(), 'both', 'oci/mount-*', ['read', 'write']);
    expect((await mount(new Image(server(), 'mount-own/app', both), digest, source.name)).status).toBe(201);
  });
});

test.each(['sha256:abc', '', 'latest', `sha256:${'A'.repeat(64)}`, `md5:${'a'.repeat(32)}`])(
  'a mount of %p is refused: that is no digest',
  async (digest) => {
    await expectError(await mount(fresh(), digest, fresh().name), 400, 'DIGEST_INVALID');
  },
);
