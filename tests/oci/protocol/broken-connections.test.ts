import { describe, expect, test } from 'bun:test';
import { bearer } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { requestHead, sendRaw } from '../../support/raw-http.ts';
import { TestServer } from '../../support/start-server.ts';
import { useServer } from '../../support/use-server.ts';
import { digestOf, freshName, IMAGE, Image, OCTETS, someBytes } from '../protocol.ts';
import { type Bytes, chunk, ending, expectError, expectStored, rangeOf } from './uploading.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('broken'));
const make = (size = 400_000) => {
  const bytes = someBytes(size);
  return { bytes, digest: digestOf(bytes) };
};

type Head = Readonly<Record<string, string>>;

/** Sends the head of a request and some bytes of its body, and hangs up. */
async function hangUp(method: string, path: string, head: Head, parts: readonly (string | Bytes)[]): Promise<void> {
  const headers = { ...bearer(server().adminToken), ...OCTETS, ...head };
  const { status } = await sendRaw(server().url, [requestHead(method, path, headers), ...parts], { abort: true });
  expect(status).toBe(0);
}

/** How many bytes an upload has, once what came before the connection broke is counted. */
async function arrived(image: Image, location: string, before = 0): Promise<number> {
  const size = async () => Number((await rangeOf(image, location))?.slice(2)) + 1;
  await eventually('what arrived counts', async () => (await size()) > Math.max(1, before));
  return size();
}

describe('when the connection breaks in the middle', () => {
  const half = 200_000;
  const framed = (bytes: Bytes) => [`${bytes.length.toString(16)}\r\n`, bytes, '\r\n'];

  test.each<[string, string, Head, boolean]>([
    ['of a PATCH with a length', 'PATCH', { 'content-length': '400000' }, false],
    [
      'of a PATCH that says where it belongs',
      'PATCH',
      { 'content-length': '400000', 'content-range': '0-399999' },
      false,
    ],
    ['of a PATCH of unknown length', 'PATCH', { 'transfer-encoding': 'chunked' }, true],
    ['of the PUT that would have ended it', 'PUT', { 'content-length': '400000' }, false],
  ])('%s, what had arrived is kept, and the client goes on from there', async (_, method, head, isFramed) => {
    const image = fresh();
    const blob = make();
    const location = await image.begin();
    const path = method === 'PUT' ? ending(location, blob.digest) : location;
    const part = blob.bytes.slice(0, half);
    await hangUp(method, path, head, isFramed ? framed(part) : [part]);
    const size = await arrived(image, location);
    expect(size).toBeLessThanOrEqual(half);
    expect((await image.call('HEAD', `blobs/${blob.digest}`)).status).toBe(404);
    await image.ok(202, 'PATCH', location, chunk(blob.bytes, size));
    await expectStored(image, await image.call('PUT', ending(location, blob.digest)), blob);
  });

  test('again and again, the upload still ends with the right bytes', async () => {
    const image = fresh();
    const blob = make(500_000);
    const location = await image.begin();
    let size = 0;
    for (let round = 0; round < 3; round++) {
      const head = { 'content-length': String(500_000 - size), 'content-range': `${size}-499999` };
      await hangUp('PATCH', location, head, [blob.bytes.slice(size, size + 120_000)]);
      size = await arrived(image, location, size);
    }
    await expectStored(image, await image.call('PUT', ending(location, blob.digest), chunk(blob.bytes, size)), blob);
  });

  test('of an upload in one POST, nothing is kept', async () => {
    const image = fresh();
    const blob = make();
    const path = `/v2/${image.name}/blobs/uploads/?digest=${blob.digest}`;
    await hangUp('POST', path, { 'content-length': '400000' }, [blob.bytes.slice(0, half)]);
    expect((await image.call('HEAD', `blobs/${blob.digest}`)).status).toBe(404);
  });

  test('of a manifest, its tag stays where it was', async () => {
    const image = fresh();
    const { digest } = await image.pushImage('latest');
    const manifest = await image.makeImage();
    const head = { 'content-type': IMAGE, 'content-length': String(manifest.length) };
    await hangUp('PUT', `/v2/${image.name}/manifests/latest`, head, [manifest.slice(0, -1)]);
    const response = await image.ok(200, 'HEAD', 'manifests/latest');
    expect(response.headers.get('docker-content-digest')).toBe(digest);
    expect((await image.call('HEAD', `manifests/${digestOf(manifest)}`)).status).toBe(404);
  });
});

describe('when an answer is lost, the same request once more', () => {
  test('ends the upload: by PUT with the bytes, by PUT without them, by POST', async () => {
    const image = fresh();
    const blob = make(5000);
    const whole = { body: blob.bytes, headers: OCTETS };
    const begun = await image.begin();
    const patched = await image.begin();
    await image.ok(202, 'PATCH', patched, whole);
    for (const send of [
      () => image.call('PUT', ending(begun, blob.digest), whole),
      () => image.call('PUT', ending(patched, blob.digest)),
      () => image.call('POST', `blobs/uploads/?digest=${blob.digest}`, whole),
    ]) {
      for (let times = 0; times < 3; times++) await expectStored(image, await send(), blob);
    }
    // What ended is over for all else.
    await expectError(await image.call('GET', begun), 404, 'BLOB_UPLOAD_UNKNOWN');
    await expectError(await image.call('PUT', ending(begun, digestOf('x'))), 404, 'BLOB_UPLOAD_UNKNOWN');
  });

  test('sets the tag again, and deletes nothing twice', async () => {
    const image = fresh();
    const manifest = await image.makeImage();
    const digest = digestOf(manifest);
    for (let times = 0; times < 2; times++) {
      const response = await image.pushManifest(`${digest}?tag=a&tag=b`, manifest, IMAGE);
      expect(response.headers.get('oci-tag')).toBe('a, b');
    }
    for (const [reference, status] of [
      ['a', 202],
      ['a', 404],
      [digest, 202],
      [digest, 404],
      ['b', 404],
    ] as const)
      expect((await image.call('DELETE', `manifests/${reference}`)).status).toBe(status);
  });
});

test('an upload outlives the server that it began on', async () => {
  await using own = await TestServer.start();
  const image = new Image(own, 'restarted/image');
  const blob = make(3000);
  const location = await image.begin();
  await image.ok(202, 'PATCH', location, chunk(blob.bytes, 0, 1000));
  await own.restart();
  expect(await rangeOf(image, location)).toBe('0-999');
  await image.ok(202, 'PATCH', location, chunk(blob.bytes, 1000, 2000));
  await own.restart();
  await expectStored(image, await image.call('PUT', ending(location, blob.digest), chunk(blob.bytes, 2000)), blob);
});

test('who waits for 100 Continue before it sends bytes gets it', async () => {
  const image = fresh();
  const location = await image.begin();
  const headers = { ...bearer(server().adminToken), ...OCTETS, 'content-length': '5', expect: '100-continue' };
  const { head, body } = await sendRaw(server().url, [requestHead('PATCH', location, headers), 'bytes']);
  expect(head).toStartWith('HTTP/1.1 100 Continue');
  expect(body).toStartWith('HTTP/1.1 202 Accepted');
});
