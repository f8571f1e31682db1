import { describe, expect, test } from 'bun:test';
import { useServer } from '../../support/use-server.ts';
import { ALGORITHMS, type Algorithm, digestOf, freshName, Image, OCTETS, someBytes } from '../protocol.ts';
import { ending, expectError, expectStored, FORMS, rangeOf, streamOf } from './uploading.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('pushing'));
const make = (algorithm: Algorithm, size = 2047) => {
  const bytes = someBytes(size);
  return { bytes, digest: digestOf(bytes, algorithm) };
};

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

test('an upload begins at an address of its own, below the image, that holds a UUID and no host', async () => {
  const image = fresh();
  const response = await image.ok(202, 'POST', 'blobs/uploads/', { headers: { 'content-length': '0' } });
  expect(response.headers.get('location')).toMatch(new RegExp(`^/v2/${image.name}/blobs/uploads/${UUID}$`));
  expect(response.headers.get('docker-upload-uuid')).toMatch(new RegExp(`^${UUID}$`));
  expect(response.headers.get('range')).toBe('0-0');
  expect(response.headers.get('content-length')).toBe('0');
  expect(response.headers.get('oci-chunk-min-length')).toBeNull();
  expect(await image.begin()).not.toBe(response.headers.get('location'));
});

describe.each(ALGORITHMS)('a blob with a %s', (algorithm) => {
  test.each(Object.entries(FORMS))('comes %s, is there at once, and goes when it is deleted', async (_, push) => {
    const image = fresh();
    const blob = make(algorithm);
    expect((await image.call('HEAD', `blobs/${blob.digest}`)).status).toBe(404);
    await expectStored(image, await push(image, blob.bytes, blob.digest), blob);
    const head = await image.ok(200, 'HEAD', `blobs/${blob.digest}`);
    expect(head.headers.get('content-length')).toBe('2047');
    expect(head.headers.get('docker-content-digest')).toBe(blob.digest);
    expect(await head.text()).toBe('');
    await image.ok(202, 'DELETE', `blobs/${blob.digest}`);
    expect((await image.call('HEAD', `blobs/${blob.digest}`)).status).toBe(404);
  });

  test.each(Object.entries(FORMS))(
    'with another digest than announced is refused %s, and is not there',
    async (_, push) => {
      const image = fresh();
      const announced = make(algorithm);
      const { bytes, digest } = make(algorithm);
      await expectError(await push(image, bytes, announced.digest), 400, 'DIGEST_INVALID');
      for (const absent of [announced.digest, digest])
        expect((await image.call('HEAD', `blobs/${absent}`)).status).toBe(404);
      // Nothing of the failure is in the way of the right bytes.
      await expectStored(image, await push(image, bytes, digest), { bytes, digest });
    },
  );

  test('can be empty, whichever way it comes', async () => {
    const image = fresh();
    const empty = { bytes: new Uint8Array(), digest: digestOf('', algorithm) };
    const location = await image.begin();
    const patched = await image.ok(202, 'PATCH', location, { headers: { ...OCTETS, 'content-length': '0' } });
    expect(patched.headers.get('range')).toBe('0-0');
    for (const response of [
      await image.call('PUT', ending(location, empty.digest)),
      await image.call('POST', `blobs/uploads/?digest=${empty.digest}`, { headers: { 'content-length': '0' } }),
      await image.call('PUT', ending(await image.begin(), empty.digest), { body: streamOf(empty.bytes) }),
    ])
      await expectStored(image, response, empty);
  });

  test('is pushed again without harm, also by many at once', async () => {
    const image = fresh();
    const blob = make(algorithm, 50_000);
    const forms = [...Object.values(FORMS), ...Object.values(FORMS)];
    const answers = await Promise.all(forms.map((push) => push(image, blob.bytes, blob.digest)));
    for (const response of answers) await expectStored(image, response, blob);
  });

  test('takes the algorithm that ends the upload, whichever was said when it began', async () => {
    for (const announced of ALGORITHMS) {
      for (const form of ['PATCH', 'PUT']) {
        const image = fresh();
        const blob = make(algorithm);
        const location = await image.begin(`?digest-algorithm=${announced}`);
        const options = { body: blob.bytes, headers: OCTETS };
        if (form === 'PATCH') await image.ok(202, 'PATCH', location, options);
        const ended = await image.call('PUT', ending(location, blob.digest), form === 'PUT' ? options : {});
        await expectStored(image, ended, blob);
      }
    }
  });
});

test('the same bytes can have both digests, and each is deleted for itself', async () => {
  const image = fresh();
  const bytes = someBytes(500);
  const [short, long] = [await image.pushBlob(bytes), await image.pushBlob(bytes, 'sha512')];
  await image.ok(202, 'DELETE', `blobs/${short}`);
  expect((await image.call('HEAD', `blobs/${short}`)).status).toBe(404);
  const left = await image.ok(200, 'GET', `blobs/${long}`);
  expect(Buffer.from(await left.arrayBuffer()).equals(bytes)).toBe(true);
});

test('an upload that was cancelled is gone for every method, and its bytes are not there', async () => {
  const image = fresh();
  const { bytes, digest } = make('sha256');
  const location = await image.begin();
  await image.ok(202, 'PATCH', location, { body: bytes, headers: OCTETS });
  const cancelled = await image.ok(204, 'DELETE', location);
  expect(await cancelled.text()).toBe('');
  for (const [method, path] of [
    ['GET', location],
    ['PATCH', location],
    ['DELETE', location],
    ['PUT', ending(location, digest)],
  ] as const)
    await expectError(await image.call(method, path), 404, 'BLOB_UPLOAD_UNKNOWN');
  expect((await image.call('HEAD', `blobs/${digest}`)).status).toBe(404);
});

test('permission is probed by beginning an upload and cancelling it, as ko and kaniko do', async () => {
  const image = fresh();
  await image.ok(204, 'DELETE', await image.begin());
});

test('uploads do not know each other: many go on side by side in one image', async () => {
  const image = fresh();
  const blobs = Array.from({ length: 8 }, () => make('sha256', 3000));
  const locations = await Promise.all(blobs.map(() => image.begin()));
  for (const start of [0, 1000, 2000]) {
    await Promise.all(
      blobs.map(({ bytes }, n) =>
        image.ok(202, 'PATCH', locations[n] ?? '', { body: bytes.slice(start, start + 1000), headers: OCTETS }),
      ),
    );
  }
  expect(await Promise.all(locations.map((location) => rangeOf(image, location)))).toEqual(blobs.map(() => '0-2999'));
  for (const [n, blob] of blobs.entries())
    await expectStored(image, await image.call('PUT', ending(locations[n] ?? '', blob.digest)), blob);
});

test('an upload is of its image: no other one reaches it by its number', async () => {
  const location = await fresh().begin();
  const other = fresh();
  await other.pushBlob('makes the repository');
  const id = location.slice(location.lastIndexOf('/') + 1);
  for (const method of ['GET', 'PATCH', 'DELETE'])
    await expectError(await other.call(method, `blobs/uploads/${id}`), 404, 'BLOB_UPLOAD_UNKNOWN');
  for (const odd of ['1', 'x'.repeat(4000), '..%2e', 'ü'])
    await expectError(
      await other.call('PUT', ending(`/v2/${other.name}/blobs/uploads/${odd}`, digestOf('x'))),
      404,
      'BLOB_UPLOAD_UNKNOWN',
    );
});
