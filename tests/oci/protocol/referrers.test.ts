import { describe, expect, test } from 'bun:test';
import { useServer } from '../../support/use-server.ts';
import {
  ALGORITHMS,
  CONFIG,
  type Descriptor,
  DOCKER_IMAGE,
  digestOf,
  EMPTY,
  freshName,
  IMAGE,
  Image,
  INDEX,
  toBytes,
} from '../protocol.ts';
import { type Bytes, expectError } from './uploading.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('referrers-again'));
const config = { mediaType: CONFIG, digest: digestOf('{}'), size: 2 };

interface Listed {
  readonly manifests: readonly Descriptor[];
  readonly applied: string | null;
  readonly next: string | undefined;
}

async function list(image: Image, path: string): Promise<Listed> {
  const response = await image.ok(200, 'GET', path);
  expect(response.headers.get('content-type')).toBe(INDEX);
  const document = (await response.json()) as { manifests: readonly Descriptor[] };
  expect(Object.keys(document)).toEqual(['schemaVersion', 'mediaType', 'manifests']);
  expect(document).toMatchObject({ schemaVersion: 2, mediaType: INDEX });
  const link = response.headers.get('link');
  const next = link === null ? undefined : /^<(\/v2\/[^>]+)>; rel="next"$/.exec(link)?.[1];
  return { manifests: document.manifests, applied: response.headers.get('oci-filters-applied'), next };
}

const referrers = async (image: Image, subject: Descriptor, query = '') =>
  (await list(image, `referrers/${subject.digest}${query}`)).manifests;

async function push(image: Image, value: object, type = IMAGE, reference?: string): Promise<Descriptor> {
  const bytes: Bytes = toBytes({ schemaVersion: 2, mediaType: type, ...value });
  const response = await image.pushManifest(reference ?? digestOf(bytes), bytes, type);
  const { subject } = value as { subject?: Descriptor };
  expect(response.headers.get('oci-subject')).toBe(subject?.digest ?? null);
  return { mediaType: type, digest: digestOf(bytes), size: bytes.length };
}

const byDigest = (all: readonly Descriptor[]) => all.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));

describe('the type of a referrer is', () => {
  const subject = { mediaType: IMAGE, digest: digestOf('some subject'), size: 12 };
  test.each<[string, object, string, string | undefined]>([
    ['the artifact type of an image', { config, layers: [], artifactType: 'a/own' }, IMAGE, 'a/own'],
    ['the type of its config without one', { config, layers: [] }, IMAGE, CONFIG],
    ['the type of its config with an empty one', { config, layers: [], artifactType: '' }, IMAGE, CONFIG],
    ['that of the empty config', { config: { ...config, mediaType: EMPTY }, layers: [] }, IMAGE, EMPTY],
    ['the artifact type of an index', { manifests: [], artifactType: 'a/index' }, INDEX, 'a/index'],
    ['none of an index without one', { manifests: [] }, INDEX, undefined],
    ['none of an index with an empty one', { manifests: [], artifactType: '' }, INDEX, undefined],
    ['the type of the config of a Docker image', { config, layers: [] }, DOCKER_IMAGE, CONFIG],
  ])('%s', async (_, value, type, expected) => {
    const image = fresh();
    const pushed = await push(image, { ...value, subject }, type);
    const [found] = await referrers(image, subject);
    expect(found).toEqual({ ...pushed, ...(expected === undefined ? {} : { artifactType: expected }) });
    expect(Object.hasOwn(found ?? {}, 'artifactType')).toBe(expected !== undefined);
  });
});

test('annotations of a referrer are all there, whatever is in them', async () => {
  const image = fresh();
  const subject = await image.pushImage('1.0');
  const annotations = {
    'org.opencontainers.image.created': '2026-11-26T12:00:00Z',
    '': 'no key',
    empty: '',
    'quotes " and \\': '<>&\u2028\n\t',
    Ünïcode: '漢字 🎉',
    long: 'x'.repeat(50_000),
  };
  const pushed = await push(image, { config, layers: [], subject, annotations, artifactType: 'a/notes' });
  expect(await referrers(image, subject)).toEqual([{ ...pushed, artifactType: 'a/notes', annotations }]);
});

test('filtering is said where it is done, and takes types as they are', async () => {
  const image = fresh();
  const subject = await image.pushImage('1.0');
  const types = ['application/vnd.example+json', 'a/b', 'A/B', 'a/b; charset=utf-8', 'ü/ö', 'a/b&c=d'];
  for (const artifactType of types) await push(image, { config, layers: [], subject, artifactType });
  const path = `referrers/${subject.digest}`;
  expect((await list(image, path)).applied).toBeNull();
  for (const type of types) {
    const { manifests, applied } = await list(image, `${path}?artifactType=${encodeURIComponent(type)}`);
    expect(manifests.map((each) => each.artifactType)).toEqual([type]);
    expect(applied).toBe('artifactType');
  }
  for (const type of ['a', 'a/', 'none/such', '%25'])
    expect(await list(image, `${path}?artifactType=${type}`)).toMatchObject({ manifests: [], applied: 'artifactType' });
  // An empty filter filters nothing.
  expect((await list(image, `${path}?artifactType=`)).manifests).toHaveLength(types.length);
});

describe.each(ALGORITHMS)('referrers of a %s', (algorithm) => {
  test('are found before and after their subject comes, by tag and by digest, and only by this digest', async () => {
    const image = fresh();
    const bytes = await image.makeImage({}, algorithm);
    const subject = { mediaType: IMAGE, digest: digestOf(bytes, algorithm), size: bytes.length };
    expect(await referrers(image, subject)).toEqual([]);
    const early = await push(image, { config, layers: [], subject, artifactType: 'a/early' });
    expect((await referrers(image, subject)).map(({ digest }) => digest)).toEqual([early.digest]);
    await image.pushManifest(subject.digest, bytes, IMAGE);
    const late = await push(image, { config, layers: [], subject, artifactType: 'a/late' }, IMAGE, 'late');
    const found = byDigest(await referrers(image, subject)).map(({ digest }) => digest);
    expect(found).toEqual(byDigest([early, late]).map(({ digest }) => digest));
    for (const other of ALGORITHMS.filter((each) => each !== algorithm))
      expect(await referrers(image, { ...subject, digest: digestOf(bytes, other) })).toEqual([]);
  });

  test('themselves have referrers, and one that is pushed twice is listed once', async () => {
    const image = fresh();
    const bytes = await image.makeImage({}, algorithm);
    const subject = { mediaType: IMAGE, digest: digestOf(bytes, algorithm), size: bytes.length };
    const signature = await push(image, { config, layers: [], subject, artifactType: 'a/signature' });
    const value = { config, layers: [], subject: signature, artifactType: 'a/proof' };
    for (const tag of ['one', 'two', undefined]) await push(image, value, IMAGE, tag);
    expect((await referrers(image, signature)).map((each) => each.artifactType)).toEqual(['a/proof']);
    expect((await referrers(image, subject)).map((each) => each.artifactType)).toEqual(['a/signature']);
  });
});

test('where nothing is, nothing refers to anything: never 404, and 400 for what is no digest', async () => {
  const image = fresh();
  for (const name of [image.name, 'nobody', 'nobody/knows/this'])
    expect((await list(new Image(server(), name), `referrers/${digestOf('x')}`)).manifests).toEqual([]);
  for (const wrong of ['latest', 'sha256:', `sha256:${'A'.repeat(64)}`, `md5:${'a'.repeat(32)}`])
    await expectError(await image.call('GET', `referrers/${wrong}`), 400, 'DIGEST_INVALID');
});

test('an image has the referrers that were pushed to it: another one has its own', async () => {
  const [one, other] = [fresh(), fresh()];
  const subject = await one.pushImage('1.0');
  await push(one, { config, layers: [], subject, artifactType: 'a/one' });
  await push(other, { config, layers: [], subject, artifactType: 'a/other' });
  expect((await referrers(one, subject)).map((each) => each.artifactType)).toEqual(['a/one']);
  expect((await referrers(other, subject)).map((each) => each.artifactType)).toEqual(['a/other']);
});

test('many referrers come in pages by links that keep the filter, none twice and none left out', async () => {
  const image = fresh();
  const subject = await image.pushImage('1.0');
  const count = 30;
  const pushed = await Promise.all(
    Array.from({ length: count }, (_, n) =>
      push(image, {
        ...{ config, layers: [], subject, artifactType: n % 3 ? 'a/b+c' : 'd/e' },
        annotations: { n: `${n}`, long: 'x'.repeat(400_000) },
      }),
    ),
  );
  for (const query of ['', `?artifactType=${encodeURIComponent('a/b+c')}`]) {
    const found: Descriptor[] = [];
    let pages = 0;
    for (let next: string | undefined = `referrers/${subject.digest}${query}`; next !== undefined; pages += 1) {
      const page: Listed = await list(image, next);
      expect(page.applied).toBe(query === '' ? null : 'artifactType');
      found.push(...page.manifests);
      next = page.next;
    }
    const expected = query === '' ? pushed : pushed.filter((_, n) => n % 3);
    expect(pages).toBeGreaterThan(1);
    expect(byDigest(found).map(({ digest }) => digest)).toEqual(byDigest(expected).map(({ digest }) => digest));
  }
});

test('what older clients list under the fallback tag is answered, with what came by its subject, and nothing twice', async () => {
  const image = fresh();
  const subject = await image.pushImage('1.0');
  const tag = subject.digest.replace(':', '-');
  const known = await push(image, { config, layers: [], subject, artifactType: 'a/known' });
  const index = (manifests: readonly object[]) => push(image, { manifests }, INDEX, tag);
  await index([{ ...known, artifactType: 'a/known' }]);
  expect(await referrers(image, subject)).toEqual([{ ...known, artifactType: 'a/known' }]);
  // The tag is one like any other, and its index no longer counts when it goes.
  await image.ok(200, 'GET', `manifests/${tag}`);
  await image.ok(202, 'DELETE', `manifests/${tag}`);
  expect(await referrers(image, subject)).toEqual([{ ...known, artifactType: 'a/known' }]);
  // What is no index does not disturb, and neither does an index of what is not there.
  await image.pushImage(tag);
  expect(await referrers(image, subject)).toHaveLength(1);
  await index([{ mediaType: IMAGE, digest: digestOf('absent'), size: 3, artifactType: 'a/absent' }]);
  expect(await referrers(image, subject)).toHaveLength(1);
});
