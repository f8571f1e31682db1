import { describe, expect, test } from 'bun:test';
import { useServer } from '../../support/use-server.ts';
import {
  CONFIG,
  DOCKER_IMAGE,
  DOCKER_LIST,
  digestOf,
  freshName,
  IMAGE,
  Image,
  INDEX,
  LAYER,
  toBytes,
} from '../protocol.ts';
import { type Bytes, expectError } from './uploading.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('bad-manifests'));

const config = { mediaType: CONFIG, digest: digestOf('{}'), size: 2 };
const layer = { mediaType: LAYER, digest: digestOf('layer'), size: 5 };
const image = { schemaVersion: 2, mediaType: IMAGE, config, layers: [layer] };
const index = { schemaVersion: 2, mediaType: INDEX, manifests: [{ ...layer, mediaType: IMAGE }] };
const json = JSON.stringify(image);
const raw = (text: string): Bytes => new Uint8Array(Buffer.from(text));
/** The image with its layer's size written in this way. */
const sized = (size: string): Bytes => raw(json.replace('"size":5', `"size":${size}`));

const NOT_JSON: readonly [string, Bytes][] = [
  ['nothing', raw('')],
  ['blanks', raw(' \n ')],
  ['no JSON', raw('hello')],
  ['half of it', raw(json.slice(0, -10))],
  ['two documents', raw(json + json)],
  ['a comment behind it', raw(`${json} // done`)],
  ['a comma too many', raw(json.replace('}]', '},]'))],
  ['single quotes', raw(json.replaceAll('"', "'"))],
  ['a byte order mark', raw(`\ufeff${json}`)],
  ['bytes that are not UTF-8', new Uint8Array(Buffer.from(json.replace('layer', 'l\xffyer'), 'latin1'))],
  ['UTF-16', new Uint8Array(Buffer.from(json, 'utf16le'))],
  ['a gzip file', Bun.gzipSync(raw(json))],
  ['null', raw('null')],
  ['a text', raw('"x"')],
  ['a number', raw('5')],
  ['a list', raw(`[${json}]`)],
  ['lists in lists without end', raw('['.repeat(500_000))],
  ['objects in objects without end', raw('{"a":'.repeat(500_000))],
];

const WRONG: readonly [string, unknown, string?][] = [
  ['no schema version', { ...image, schemaVersion: undefined }],
  ['its schema version as a text', { ...image, schemaVersion: '2' }],
  ['schema version 3', { ...image, schemaVersion: 3 }],
  ['schema version 1 in an index', { ...index, schemaVersion: 1 }, INDEX],
  ['a media type that is a number', { ...image, mediaType: 5 }],
  ['a media type that is a list', { ...image, mediaType: [IMAGE] }],
  ['an artifact type that is a number', { ...image, artifactType: 5 }],
  ['no config', { ...image, config: undefined }],
  ['a config that is null', { ...image, config: null }],
  ['a config that is a digest', { ...image, config: config.digest }],
  ['a config without digest', { ...image, config: { ...config, digest: undefined } }],
  ['a config without size', { ...image, config: { ...config, size: undefined } }],
  ['a config whose type is a number', { ...image, config: { ...config, mediaType: 1 } }],
  ['layers that are an object', { ...image, layers: { 0: layer } }],
  ['layers that are a text', { ...image, layers: 'none' }],
  ['a layer that is null', { ...image, layers: [layer, null] }],
  ['a layer that is a digest', { ...image, layers: [layer.digest] }],
  ['a layer that is a list', { ...image, layers: [[layer]] }],
  ['a layer whose digest is a number', { ...image, layers: [{ ...layer, digest: 5 }] }],
  ['a layer whose size is a text', { ...image, layers: [{ ...layer, size: '5' }] }],
  ['a layer of negative size', { ...image, layers: [{ ...layer, size: -5 }] }],
  ['manifests in an image', { ...image, manifests: [] }],
  ['no manifests in an index', { ...index, manifests: undefined }, INDEX],
  ['manifests that are an object', { ...index, manifests: {} }, INDEX],
  ['a manifest that is null', { ...index, manifests: [null] }, INDEX],
  ['layers in an index', { ...index, layers: [] }, INDEX],
  ['a config in an index', { ...index, config }, INDEX],
  ['a subject that is a list', { ...image, subject: [layer] }],
  ['a subject that is a digest', { ...image, subject: layer.digest }],
  ['a subject without size', { ...image, subject: { ...layer, size: undefined } }],
  ['annotations that are a list', { ...image, annotations: ['a'] }],
  ['an annotation that is a number', { ...image, annotations: { a: 5 } }],
  ['an annotation that is null', { ...image, annotations: { a: null } }],
  ['annotations of an index that are a text', { ...index, annotations: 'a' }, INDEX],
  ['the type of an index, sent as an image', index, IMAGE],
  ['the type of an image, sent as an index', image, INDEX],
  ['OCI’s type, sent as Docker’s', image, DOCKER_IMAGE],
  ['Docker’s type, sent as OCI’s', { ...index, mediaType: DOCKER_LIST }, INDEX],
  ['a type, sent as plain JSON', image, 'application/json'],
  ['a type that is none', { ...image, mediaType: undefined }, 'garbage'],
  ['a type that is too long', { ...image, mediaType: undefined }, `a/${'b'.repeat(300)}`],
];

const SCHEMA_1 = 'application/vnd.docker.distribution.manifest.v1';
const OLD = { schemaVersion: 1, name: 'a/b', tag: 'x', architecture: 'amd64', fsLayers: [], history: [] };

describe('a manifest is refused, and the tag stays where it was, when it is or has', () => {
  test.each<[string, Bytes, string, string]>([
    ...NOT_JSON.map(([what, bytes]): [string, Bytes, string, string] => [what, bytes, IMAGE, 'MANIFEST_INVALID']),
    ...WRONG.map(([what, value, type]): [string, Bytes, string, string] => [
      what,
      toBytes(value),
      type ?? IMAGE,
      'MANIFEST_INVALID',
    ]),
    ...['1.5', '1e400', '-1', '9007199254740993', 'null', '[]', '"5"', 'true'].map(
      (size): [string, Bytes, string, string] => [`a layer of size ${size}`, sized(size), IMAGE, 'MANIFEST_INVALID'],
    ),
    ...[`${SCHEMA_1}+json`, `${SCHEMA_1}+prettyjws`, 'application/json', IMAGE].map(
      (type): [string, Bytes, string, string] => [`schema 1, sent as ${type}`, toBytes(OLD), type, 'MANIFEST_INVALID'],
    ),
    ...[
      `sha256:${'A'.repeat(64)}`,
      `SHA256:${'a'.repeat(64)}`,
      `sha256:${'a'.repeat(63)}`,
      `sha512:${'a'.repeat(64)}`,
      `sha384:${'a'.repeat(96)}`,
      `sha256:${'a'.repeat(64)}\n`,
      'sha256:',
      'latest',
    ].map((digest): [string, Bytes, string, string] => [
      `a layer with the digest ${JSON.stringify(digest)}`,
      toBytes({ ...image, layers: [{ ...layer, digest }] }),
      IMAGE,
      'DIGEST_INVALID',
    ]),
  ])('%s', async (_, body, type, code) => {
    const target = fresh();
    const { digest } = await target.pushImage('tag');
    const headers = { 'content-type': type };
    for (const reference of ['tag', 'new', digestOf(body)])
      await expectError(await target.call('PUT', `manifests/${reference}`, { body, headers }), 400, code);
    expect((await target.ok(200, 'HEAD', 'manifests/tag')).headers.get('docker-content-digest')).toBe(digest);
    for (const absent of ['new', digestOf(body)])
      expect((await target.call('HEAD', `manifests/${absent}`)).status).toBe(404);
  });
});

test('lists in lists that end are taken or refused, and the server goes on', async () => {
  const target = fresh();
  for (const depth of [10_000, 1_000_000]) {
    const body = raw(`${json.slice(0, -1)},"x":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    const response = await target.call('PUT', 'manifests/deep', { body, headers: { 'content-type': IMAGE } });
    expect([201, 400]).toContain(response.status);
    if (response.status === 400) expect(await target.errorOf(response)).toBe('MANIFEST_INVALID');
  }
  await target.pushImage('after');
});

test('a manifest that names more than anybody needs is refused, and so is what it would cost to keep', async () => {
  const target = fresh();
  const layers = Array.from({ length: 20_001 }, (_, n) => ({ mediaType: LAYER, digest: digestOf(`${n}`), size: 1 }));
  const body = toBytes({ ...image, layers });
  const response = await target.call('PUT', 'manifests/x', { body, headers: { 'content-type': IMAGE } });
  await expectError(response, 400, 'MANIFEST_INVALID');
});
