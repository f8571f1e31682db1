import { describe, expect, test } from 'bun:test';
import { useServer } from '../../support/use-server.ts';
import { type Descriptor, digestOf, freshName, Image, INDEX } from '../protocol.ts';
import { DATA_SETS, type DataSet } from './data-sets.ts';
import { type Bytes, expectError } from './uploading.ts';

const server = useServer();
type Way = 'tags by name' | 'tags as parameters';

const typeOf = (bytes: Bytes): string => JSON.parse(new TextDecoder().decode(bytes)).mediaType;
const subjectOf = (bytes: Bytes): string | null => JSON.parse(new TextDecoder().decode(bytes)).subject?.digest ?? null;

async function push(image: Image, set: DataSet, way: Way): Promise<void> {
  for (const bytes of set.blobs.values()) await image.pushBlob(bytes, set.algorithm);
  for (const [digest, bytes] of set.manifests) {
    const tags = way === 'tags by name' ? [] : [...set.tags].filter(([, at]) => at === digest).map(([tag]) => tag);
    const query = tags.length === 0 ? '' : `?${tags.map((tag) => `tag=${tag}`).join('&')}`;
    const response = await image.pushManifest(`${digest}${query}`, bytes, typeOf(bytes));
    expect(response.headers.get('oci-subject')).toBe(subjectOf(bytes));
    expect(response.headers.get('oci-tag')).toBe(tags.length === 0 ? null : tags.join(', '));
    await expectSame(image, response.headers.get('location') ?? '', bytes, digest);
  }
  if (way === 'tags as parameters') return;
  for (const [tag, digest] of set.tags) {
    const bytes = set.manifests.get(digest) ?? new Uint8Array();
    const response = await image.pushManifest(tag, bytes, typeOf(bytes));
    expect(response.headers.get('oci-subject')).toBe(subjectOf(bytes));
    await expectSame(image, response.headers.get('location') ?? '', bytes, digestOf(bytes));
  }
}

/** That a manifest comes back as it was pushed, and what its headers say, also without the body. */
async function expectSame(image: Image, path: string, bytes: Bytes, digest: string): Promise<void> {
  for (const method of ['HEAD', 'GET']) {
    const response = await image.ok(200, method, path);
    expect(response.headers.get('content-type')).toBe(typeOf(bytes));
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(response.headers.get('docker-content-digest')).toBe(digest);
    const body = Buffer.from(await response.arrayBuffer());
    expect(body.equals(method === 'GET' ? bytes : Buffer.alloc(0))).toBe(true);
  }
}

async function expectListed(image: Image, set: DataSet): Promise<void> {
  const list = async (query = '') =>
    ((await (await image.ok(200, 'GET', `tags/list${query}`)).json()) as { tags: string[] }).tags;
  const tags = [...set.tags.keys()].sort();
  expect(await list()).toEqual(tags);
  for (const [n, last] of tags.entries()) expect(await list(`?last=${last}`)).toEqual(tags.slice(n + 1));
}

const byDigest = (list: readonly Descriptor[]) => list.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));

async function expectReferrers(image: Image, subject: string, expected: readonly Descriptor[]): Promise<void> {
  const list = async (query = '') => {
    const response = await image.ok(200, 'GET', `referrers/${subject}${query}`);
    expect(response.headers.get('content-type')).toBe(INDEX);
    expect(response.headers.get('oci-filters-applied')).toBe(query === '' ? null : 'artifactType');
    const document = (await response.json()) as { manifests: Descriptor[] };
    expect(document).toMatchObject({ schemaVersion: 2, mediaType: INDEX });
    return byDigest(document.manifests);
  };
  expect(await list()).toEqual(byDigest(expected));
  for (const type of new Set(expected.map((each) => each.artifactType))) {
    if (typeof type !== 'string') continue;
    const some = expected.filter((each) => each.artifactType === type);
    expect(await list(`?artifactType=${encodeURIComponent(type)}`)).toEqual(byDigest(some));
  }
}

/** Deletes all of it in an order in which nothing is left hanging; each is gone when it is answered. */
async function deleteAll(image: Image, set: DataSet): Promise<void> {
  const paths = [
    ...[...set.tags.keys()].map((tag) => `manifests/${tag}`),
    ...[...set.manifests.keys()].reverse().map((digest) => `manifests/${digest}`),
    ...[...set.blobs.keys()].map((digest) => `blobs/${digest}`),
  ];
  for (const path of paths) {
    await image.ok(202, 'DELETE', path);
    expect((await image.call('HEAD', path)).status).toBe(404);
  }
}

describe.each(Object.entries(DATA_SETS))('%s', (_, make) => {
  test.each<Way>(['tags by name', 'tags as parameters'])(
    'is pushed with its %s, listed, pulled, found by its subject and deleted',
    async (way) => {
      const image = new Image(server(), freshName('life'));
      const set = make();
      // By a tag alone nobody can say that the digest is a sha512.
      const chosen = set.algorithm === 'sha512' ? 'tags as parameters' : way;
      await push(image, set, chosen);
      await expectListed(image, set);
      for (const [tag, digest] of set.tags)
        await expectSame(image, `manifests/${tag}`, set.manifests.get(digest) ?? new Uint8Array(), digest);
      for (const [digest, bytes] of set.blobs) {
        const response = await image.ok(200, 'GET', `blobs/${digest}`);
        expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
      }
      for (const [subject, expected] of set.referrers) await expectReferrers(image, subject, expected);
      await deleteAll(image, set);
      // An image of which nothing is left is not there; its list of referrers is empty all the same.
      await expectError(await image.call('GET', 'tags/list'), 404, 'NAME_UNKNOWN');
      for (const subject of set.referrers.keys()) await expectReferrers(image, subject, []);
    },
  );
});

test('a manifest whose bytes are not those of its digest is refused, and its blobs stay', async () => {
  const image = new Image(server(), freshName('life'));
  const bytes = await image.makeImage();
  const changed = new Uint8Array(Buffer.concat([bytes, Buffer.from('  ')]));
  for (const digest of [digestOf(bytes), digestOf(bytes, 'sha512')]) {
    const headers = { 'content-type': typeOf(bytes) };
    const response = await image.call('PUT', `manifests/${digest}`, { body: changed, headers });
    await expectError(response, 400, 'DIGEST_INVALID');
    expect((await image.call('HEAD', `manifests/${digest}`)).status).toBe(404);
  }
});
