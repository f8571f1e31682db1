import { describe, expect, test } from 'bun:test';
import { useServer } from '../../support/use-server.ts';
import { ALGORITHMS, digestOf, freshName, IMAGE, Image, INDEX, someBytes, toBytes } from '../protocol.ts';
import { type Bytes, expectError } from './uploading.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('deleting-images'));
const statusOf = async (image: Image, path: string, method = 'HEAD') => (await image.call(method, path)).status;

interface Manifest {
  readonly layers: readonly { readonly digest: string }[];
}

const bytesAt = async (image: Image, reference: string): Promise<Bytes> =>
  (await image.ok(200, 'GET', `manifests/${reference}`)).bytes();
const tagsOf = async (image: Image) =>
  ((await (await image.ok(200, 'GET', 'tags/list')).json()) as { tags: string[] }).tags;

describe('a tag that is deleted', () => {
  test('is gone at once, and its manifest, blobs and other tags are not', async () => {
    const image = fresh();
    const { digest } = await image.pushImage('one');
    const manifest = await bytesAt(image, 'one');
    await image.pushManifest('two', manifest, IMAGE);
    const response = await image.ok(202, 'DELETE', 'manifests/one');
    expect(await response.text()).toBe('');
    for (const method of ['HEAD', 'GET']) expect(await statusOf(image, 'manifests/one', method)).toBe(404);
    await expectError(await image.call('DELETE', 'manifests/one'), 404, 'MANIFEST_UNKNOWN');
    expect(await tagsOf(image)).toEqual(['two']);
    for (const reference of ['two', digest]) await image.ok(200, 'HEAD', `manifests/${reference}`);
    const { layers } = JSON.parse(new TextDecoder().decode(manifest)) as Manifest;
    for (const layer of layers) await image.ok(200, 'HEAD', `blobs/${layer.digest}`);
  });

  test('can be set again, to the same manifest or another', async () => {
    const image = fresh();
    await image.pushImage('again');
    const manifest = await bytesAt(image, 'again');
    for (const bytes of [manifest, await image.makeImage(), manifest]) {
      await image.ok(202, 'DELETE', 'manifests/again');
      await image.pushManifest('again', bytes, IMAGE);
      expect(digestOf(await bytesAt(image, 'again'))).toBe(digestOf(bytes));
    }
  });
});

describe.each(ALGORITHMS)('a manifest that is deleted by its %s', (algorithm) => {
  test('takes every tag that is at it, and none that has moved on', async () => {
    const image = fresh();
    const bytes = await image.makeImage({}, algorithm);
    const digest = digestOf(bytes, algorithm);
    await image.pushManifest(`${digest}?tag=a&tag=b&tag=moved`, bytes, IMAGE);
    const other = await image.pushImage('moved');
    await image.ok(202, 'DELETE', `manifests/${digest}`);
    for (const gone of ['a', 'b', digest]) {
      for (const method of ['HEAD', 'GET']) expect(await statusOf(image, `manifests/${gone}`, method)).toBe(404);
      await expectError(await image.call('DELETE', `manifests/${gone}`), 404, 'MANIFEST_UNKNOWN');
    }
    expect(await tagsOf(image)).toEqual(['moved']);
    expect(digestOf(await bytesAt(image, 'moved'))).toBe(other.digest);
    // Its blobs stay, and it can be pushed again; its tags do not come back by themselves.
    await image.pushManifest(digest, bytes, IMAGE);
    expect(await tagsOf(image)).toEqual(['moved']);
  });

  test('a blob goes from the image that it is deleted from, and from no other', async () => {
    const [image, other] = [fresh(), fresh()];
    const bytes = someBytes(321);
    const digest = await image.pushBlob(bytes, algorithm);
    await other.pushBlob(bytes, algorithm);
    await image.ok(202, 'DELETE', `blobs/${digest}`);
    for (const method of ['HEAD', 'GET']) expect(await statusOf(image, `blobs/${digest}`, method)).toBe(404);
    await expectError(await image.call('DELETE', `blobs/${digest}`), 404, 'BLOB_UNKNOWN');
    expect(Buffer.from(await (await other.ok(200, 'GET', `blobs/${digest}`)).arrayBuffer()).equals(bytes)).toBe(true);
    await image.pushBlob(bytes, algorithm);
    await image.ok(200, 'HEAD', `blobs/${digest}`);
  });
});

test('an index that is deleted leaves its images, and an image leaves the index that names it', async () => {
  const image = fresh();
  const children = [await image.pushImage('child'), await image.pushImage()];
  const index = toBytes({ schemaVersion: 2, mediaType: INDEX, manifests: children });
  await image.pushManifest('multi', index, INDEX);
  const [first, second] = children.map(({ digest }) => `manifests/${digest}`);
  await image.ok(202, 'DELETE', second ?? '');
  expect(digestOf(await bytesAt(image, 'multi'))).toBe(digestOf(index));
  await image.ok(202, 'DELETE', `manifests/${digestOf(index)}`);
  expect(await statusOf(image, 'manifests/multi')).toBe(404);
  await image.ok(200, 'HEAD', first ?? '');
  await image.ok(200, 'HEAD', 'manifests/child');
});

test('what is about a manifest stays when that is deleted, and is listed until it goes itself', async () => {
  const image = fresh();
  const subject = await image.pushImage('subject');
  const about = await image.pushImage('about', { subject });
  const referrers = async () => {
    const response = await image.ok(200, 'GET', `referrers/${subject.digest}`);
    return ((await response.json()) as { manifests: { digest: string }[] }).manifests.map(({ digest }) => digest);
  };
  await image.ok(202, 'DELETE', `manifests/${subject.digest}`);
  expect(await referrers()).toEqual([about.digest]);
  await image.ok(202, 'DELETE', 'manifests/about');
  expect(await referrers()).toEqual([about.digest]);
  await image.ok(202, 'DELETE', `manifests/${about.digest}`);
  expect(await referrers()).toEqual([]);
});

test('what is nowhere cannot be deleted, and is said to be unknown as what it is', async () => {
  await fresh().pushImage('x');
  const nowhere = new Image(server(), 'nobody/knows');
  for (const path of ['manifests/x', `manifests/${digestOf('x')}`, `blobs/${digestOf('x')}`])
    await expectError(await nowhere.call('DELETE', path), 404, 'NAME_UNKNOWN');
  const image = fresh();
  for (const reference of ['none', digestOf('none')])
    await expectError(await image.call('DELETE', `manifests/${reference}`), 404, 'MANIFEST_UNKNOWN');
  await expectError(await image.call('DELETE', `blobs/${digestOf('none')}`), 404, 'BLOB_UNKNOWN');
});

test('of several deletions of one thing at the same time one does it, and the others find nothing', async () => {
  const image = fresh();
  const { digest } = await image.pushImage('x');
  const blob = await image.pushBlob(someBytes(50));
  for (const path of ['manifests/x', `manifests/${digest}`, `blobs/${blob}`]) {
    const statuses = await Promise.all([1, 2, 3, 4].map(() => statusOf(image, path, 'DELETE')));
    expect(statuses.toSorted()).toEqual([202, 404, 404, 404]);
  }
});

test('whoever pulls while tags come and go sees a whole manifest or none', async () => {
  const image = fresh();
  const manifests = [await image.makeImage(), await image.makeImage()];
  const known = manifests.map((bytes) => digestOf(bytes));
  let isOver = false;
  const pulls = Array.from({ length: 3 }, async () => {
    while (!isOver) {
      const response = await image.call('GET', 'manifests/busy');
      const bytes = await response.bytes();
      expect([200, 404]).toContain(response.status);
      if (response.status === 200) expect(known).toContain(digestOf(bytes));
    }
  });
  for (let round = 0; round < 15; round++) {
    await image.pushManifest('busy', manifests[round % 2] ?? new Uint8Array(), IMAGE);
    if (round % 3 === 2) await image.ok(202, 'DELETE', 'manifests/busy');
  }
  isOver = true;
  await Promise.all(pulls);
});
