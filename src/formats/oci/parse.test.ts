import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseManifest } from './parse.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest('a'), size: 2 };
const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digest('b'), size: 3 };
const image = { schemaVersion: 2, mediaType: IMAGE, config, layers: [layer] };

const parse = (value: unknown, contentType: string | null = null) =>
  parseManifest(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)), contentType);
const refusal = expect.objectContaining({
  code: 'invalid_request',
  details: { oci: expect.stringMatching(/^(MANIFEST|DIGEST)_INVALID$/) },
});

describe('an image', () => {
  test('names its config and layers, and counts their bytes', () => {
    const { mediaType, references, metadata, subject } = parse(image, IMAGE);
    expect(mediaType).toBe(IMAGE);
    expect(references).toEqual([
      { kind: 'blob', digest: digest('a'), required: true },
      { kind: 'blob', digest: digest('b'), required: true },
    ]);
    expect(metadata).toMatchObject({ mediaType: IMAGE, artifactType: config.mediaType, imageSize: 5 });
    expect(subject).toBeUndefined();
  });

  test('needs no layer that is fetched from elsewhere or comes inside the manifest', () => {
    const foreign = { ...layer, mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' };
    const inside = { ...layer, digest: digest('c'), data: 'e30=' };
    const needed = parse({ ...image, layers: [foreign, inside] }).references.map(({ required }) => required);
    expect(needed).toEqual([true, false, false]);
  });

  test('that names a layer twice names it once', () => {
    expect(parse({ ...image, layers: [layer, layer] }).references).toHaveLength(2);
  });

  test('with a subject keeps its annotations, since the list of referrers shows them', () => {
    const subject = { mediaType: IMAGE, digest: digest('d'), size: 9 };
    const signature = { ...image, subject, artifactType: 'application/x-signature', annotations: { by: 'me' } };
    const parsed = parse(signature);
    expect(parsed.subject).toBe(digest('d'));
    expect(parsed.metadata).toMatchObject({ artifactType: 'application/x-signature', annotations: { by: 'me' } });
    expect(parsed.references).toContainEqual({ kind: 'subject', digest: digest('d') });
  });
});

test('an index names its images as children, and has an artifact type only if it says so', () => {
  const { references, metadata } = parse({
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [{ ...layer, mediaType: IMAGE }],
  });
  expect(references).toEqual([{ kind: 'child', digest: digest('b'), required: true }]);
  expect(metadata).toMatchObject({ mediaType: INDEX, images: 1 });
  expect(metadata.artifactType).toBeUndefined();
});

describe('the media type', () => {
  const { mediaType: _, ...silent } = image;
  test('is the header’s where the manifest says none, without its parameters', () => {
    expect(parse(silent, `${IMAGE}; charset=utf-8`).mediaType).toBe(IMAGE);
  });
  test('is the manifest’s where there is no header', () => expect(parse(image).mediaType).toBe(IMAGE));
  test('is told from what is in it where neither says it', () => {
    expect(parse(silent).mediaType).toBe(IMAGE);
    expect(parse({ schemaVersion: 2, manifests: [] }).mediaType).toBe(INDEX);
  });
  test('of any other kind is taken as it is', () => {
    expect(parse({ anything: true }, 'application/vnd.example+json')).toMatchObject({
      mediaType: 'application/vnd.example+json',
      references: [],
    });
  });
});

test.each([
  ['not JSON', '{'],
  ['not UTF-8', '"\u0000'],
  ['a list', []],
  ['a number', 1],
  ['null', 'null'],
  ['of schema 1', { schemaVersion: 1, name: 'x', tag: 'y', fsLayers: [] }],
  ['without a schema version', { ...image, schemaVersion: undefined }],
  ['an image with manifests', { ...image, manifests: [] }],
  ['an index with layers', { schemaVersion: 2, mediaType: INDEX, manifests: [], layers: [] }],
  ['an image without a config', { ...image, config: undefined }],
  ['a layer without a digest', { ...image, layers: [{ ...layer, digest: undefined }] }],
  ['a layer with an upper-case digest', { ...image, layers: [{ ...layer, digest: digest('B') }] }],
  ['a layer of a negative size', { ...image, layers: [{ ...layer, size: -1 }] }],
  ['a layer whose size is a text', { ...image, layers: [{ ...layer, size: '3' }] }],
  ['layers that are no list', { ...image, layers: {} }],
  ['a layer that is null', { ...image, layers: [null] }],
  ['a subject that is a text', { ...image, subject: digest('a') }],
  ['a media type that is a number', { ...image, mediaType: 7 }],
  ['annotations of a signature that are numbers', { ...image, subject: layer, annotations: { a: 1 } }],
  ['annotations of an image that are a list', { ...image, annotations: [] }],
  ['JSON behind a byte order mark', `\ufeff${JSON.stringify(image)}`],
  ['as deep as the stack', `${'['.repeat(500_000)}${']'.repeat(500_000)}`],
])('%s is refused', (_, value) => {
  expect(() => parse(value)).toThrow(refusal);
});

test('another media type in the header than in the manifest is refused', () => {
  expect(() => parse(image, INDEX)).toThrow(refusal);
});

test('schema 1 is refused by its header too', () => {
  expect(() => parse({}, 'application/vnd.docker.distribution.manifest.v1+prettyjws')).toThrow(refusal);
});

test('whatever JSON comes is taken or refused, and nothing else', () => {
  const keys = fc.constantFrom(
    'schemaVersion',
    'mediaType',
    'config',
    'layers',
    'manifests',
    'subject',
    'digest',
    'size',
  );
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(2, -1, null, '', IMAGE, INDEX, digest('a'), true),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(keys, tie('node'), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(node, fc.constantFrom(null, IMAGE, INDEX, 'text/plain'), (value, type) => {
      try {
        expect(parse(value, type).mediaType).toMatch('/');
      } catch (error) {
        expect(error).toEqual(refusal);
      }
    }),
  );
});
