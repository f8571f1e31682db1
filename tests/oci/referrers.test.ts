import { describe, expect, test } from 'bun:test';
import { useServer } from '../support/use-server.ts';
import { ALGORITHMS, type Descriptor, digestOf, EMPTY, freshName, IMAGE, Image, INDEX, toBytes } from './protocol.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('referrers'));

interface Page {
  readonly manifests: readonly Descriptor[];
  readonly response: Response;
}

async function page(image: Image, path: string): Promise<Page> {
  const response = await image.ok(200, 'GET', path);
  expect(response.headers.get('content-type')).toBe(INDEX);
  const document = (await response.json()) as { manifests: readonly Descriptor[] };
  expect(document).toMatchObject({ schemaVersion: 2, mediaType: INDEX });
  return { manifests: document.manifests, response };
}

const referrers = async (image: Image, digest: string, query = '') =>
  (await page(image, `referrers/${digest}${query}`)).manifests;

/** Pushes an artifact about another manifest; returns its descriptor as a list of referrers has it. */
async function attach(image: Image, subject: Descriptor, artifactType: string, note = 'x'): Promise<Descriptor> {
  const empty = { mediaType: EMPTY, digest: await image.pushBlob('{}'), size: 2 };
  const annotations = { note };
  const fields = { artifactType, config: empty, layers: [empty], subject, annotations };
  const bytes = toBytes({ schemaVersion: 2, mediaType: IMAGE, ...fields });
  const response = await image.pushManifest(digestOf(bytes), bytes, IMAGE);
  expect(response.headers.get('oci-subject')).toBe(subject.digest);
  return { mediaType: IMAGE, digest: digestOf(bytes), size: bytes.length, artifactType, annotations };
}

const byDigest = (list: readonly Descriptor[]) => list.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));

test('what is about a manifest is listed with its type and annotations, and can be filtered by type', async () => {
  const image = fresh();
  const subject = await image.pushImage('1.0');
  expect(await referrers(image, subject.digest)).toEqual([]);
  const signature = await attach(image, subject, 'application/x-signature');
  const bill = await attach(image, subject, 'application/x-bill', 'ü "quoted"');
  expect(byDigest(await referrers(image, subject.digest))).toEqual(byDigest([signature, bill]));
  const { manifests, response } = await page(image, `referrers/${subject.digest}?artifactType=application%2Fx-bill`);
  expect(manifests).toEqual([bill]);
  expect(response.headers.get('oci-filters-applied')).toBe('artifactType');
  expect(await referrers(image, subject.digest, '?artifactType=none/such')).toEqual([]);
});

test('the type of an image that does not say its own is that of its config; an index has none', async () => {
  const image = fresh();
  const subject = await image.pushImage('1.0');
  const plain = await image.pushImage(undefined, { subject });
  const index = toBytes({ schemaVersion: 2, mediaType: INDEX, manifests: [], subject });
  const response = await image.pushManifest(digestOf(index), index, INDEX);
  expect(response.headers.get('oci-subject')).toBe(subject.digest);
  const types = new Map((await referrers(image, subject.digest)).map((each) => [each.digest, each.artifactType]));
  expect(types.get(plain.digest)).toBe('application/vnd.oci.image.config.v1+json');
  expect(types.has(digestOf(index))).toBe(true);
  expect(types.get(digestOf(index))).toBeUndefined();
});

describe.each(ALGORITHMS)('a subject with a %s', (algorithm) => {
  test('need not be there, neither when it is named nor when it is asked for', async () => {
    const image = fresh();
    const subject = { mediaType: IMAGE, digest: digestOf('never pushed', algorithm), size: 12 };
    const signature = await attach(image, subject, 'application/x-signature');
    expect(await referrers(image, subject.digest)).toEqual([signature]);
  });
});

test('a repository that is not there has no referrers, and a digest that is none is refused', async () => {
  for (const image of [fresh(), new Image(server(), 'nobody/knows')])
    expect(await referrers(image, digestOf('anything'))).toEqual([]);
  const image = fresh();
  for (const wrong of ['sha256:abc', 'latest', `sha256:${'A'.repeat(64)}`]) {
    const response = await image.call('GET', `referrers/${wrong}`);
    expect([response.status, await image.errorOf(response)]).toEqual([400, 'DIGEST_INVALID']);
  }
});

test('what is deleted is no longer listed, and the subject keeps the rest', async () => {
  const image = fresh();
  const subject = await image.pushImage('1.0');
  const [gone, stays] = [await attach(image, subject, 'a/a'), await attach(image, subject, 'b/b')];
  await image.ok(202, 'DELETE', `manifests/${gone.digest}`);
  expect(await referrers(image, subject.digest)).toEqual([stays]);
  await image.ok(202, 'DELETE', `manifests/${subject.digest}`);
  expect(await referrers(image, subject.digest)).toEqual([stays]);
});

test('another image with the same subject has its own', async () => {
  const image = fresh();
  const subject = await image.pushImage('1.0');
  await attach(image, subject, 'a/a');
  const other = fresh();
  await other.pushImage('x');
  expect(await referrers(other, subject.digest)).toEqual([]);
});

test('what an older client listed under the fallback tag is in the answer, and nothing twice', async () => {
  const image = fresh();
  const subject = await image.pushImage('1.0');
  const modern = await attach(image, subject, 'a/a');
  const old = { ...(await image.pushImage()), artifactType: 'old/style', annotations: { by: 'hand' } };
  const absent = { mediaType: IMAGE, digest: digestOf('absent'), size: 6 };
  const index = toBytes({ schemaVersion: 2, mediaType: INDEX, manifests: [old, modern, absent] });
  await image.pushManifest(subject.digest.replace(':', '-'), index, INDEX);
  expect(byDigest(await referrers(image, subject.digest))).toEqual(byDigest([old, modern]));
  expect(await referrers(image, subject.digest, '?artifactType=old/style')).toEqual([old]);
});

test('an index whose fallback tag is on itself has no referrers: cosign copy tags whatever it copies so', async () => {
  const image = fresh();
  const index = toBytes({ schemaVersion: 2, mediaType: INDEX, manifests: [await image.pushImage()] });
  await image.pushManifest(digestOf(index).replace(':', '-'), index, INDEX);
  expect(await referrers(image, digestOf(index))).toEqual([]);
});

test('long lists come in pages, also when they are filtered', async () => {
  const image = fresh();
  const subject = await image.pushImage('1.0');
  const note = 'x'.repeat(1_000_000);
  const pushed: Descriptor[] = [];
  for (let n = 0; n < 12; n++) pushed.push(await attach(image, subject, n % 2 ? 'odd/x' : 'even/x', `${n}${note}`));
  for (const [query, expected] of [
    ['', pushed],
    ['?artifactType=odd/x', pushed.filter((each) => each.artifactType === 'odd/x')],
  ] as const) {
    const found: Descriptor[] = [];
    let count = 0;
    for (let next: string | undefined = `referrers/${subject.digest}${query}`; next !== undefined; count++) {
      const { manifests, response }: Page = await page(image, next);
      found.push(...manifests);
      next = /^<(\/[^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    }
    expect(count).toBeGreaterThan(1);
    expect(byDigest(found)).toEqual(byDigest(expected));
  }
});
