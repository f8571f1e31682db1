import { describe, expect, test } from 'bun:test';
import { useServer } from '../../support/use-server.ts';
import { digestOf, freshName, Image, OCTETS, someBytes } from '../protocol.ts';
import { type Bytes, chunk, ending, expectError, expectStored, rangeOf, streamOf } from './uploading.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('chunks'));
const make = (size = 3000) => {
  const bytes = someBytes(size);
  return { bytes, digest: digestOf(bytes) };
};

/** That a chunk was refused, and that the answer says where the upload stands and goes on. */
async function expectOutOfOrder(response: Response, location: string, range: string): Promise<void> {
  expect(response.headers.get('location')).toBe(location);
  expect(response.headers.get('range')).toBe(range);
  await expectError(response, 416, 'BLOB_UPLOAD_INVALID');
}

describe('a chunk that is not the next one', () => {
  test('is 416 by PATCH and by PUT, and nothing of it counts; then the upload goes on and ends', async () => {
    const image = fresh();
    const blob = make();
    const { bytes, digest } = blob;
    const location = await image.begin();
    expect(await rangeOf(image, location)).toBe('0-0');
    for (const [arrived, range] of [
      [0, '0-0'],
      [1000, '0-999'],
      [2000, '0-1999'],
    ] as const) {
      const wrong = [0, 1, 500, 999, 1001, 2500].filter((start) => start !== arrived);
      for (const start of wrong) {
        await expectOutOfOrder(await image.call('PATCH', location, chunk(bytes, start)), location, range);
        await expectOutOfOrder(await image.call('PUT', ending(location, digest), chunk(bytes, start)), location, range);
      }
      expect(await rangeOf(image, location)).toBe(range);
      if (arrived === 2000) break;
      const next = await image.ok(202, 'PATCH', location, chunk(bytes, arrived, arrived + 1000));
      expect(next.headers.get('range')).toBe(`0-${arrived + 999}`);
      expect(next.headers.get('location')).toBe(location);
    }
    await expectStored(image, await image.call('PUT', ending(location, digest), chunk(bytes, 2000)), blob);
  });

  test('is told so also where it is too large to be read for that', async () => {
    const image = fresh();
    const location = await image.begin();
    const bytes = someBytes(20_000_000);
    const headers = { ...OCTETS, 'content-range': `5-${bytes.length + 4}` };
    for (const body of [bytes, streamOf(bytes, 1_000_000)])
      await expectOutOfOrder(await image.call('PATCH', location, { body, headers }), location, '0-0');
    expect((await image.call('PATCH', `${location}x`, { body: bytes, headers })).status).toBe(404);
  });

  test('is 416 for a chunk that is sent once more, because the answer was lost', async () => {
    const image = fresh();
    const blob = make();
    const location = await image.begin();
    await image.ok(202, 'PATCH', location, chunk(blob.bytes, 0, 1000));
    await expectOutOfOrder(await image.call('PATCH', location, chunk(blob.bytes, 0, 1000)), location, '0-999');
    await image.ok(202, 'PATCH', location, chunk(blob.bytes, 1000));
    await expectOutOfOrder(await image.call('PATCH', location, chunk(blob.bytes, 1000)), location, '0-2999');
    await expectStored(image, await image.call('PUT', ending(location, blob.digest)), blob);
  });
});

describe('Content-Range', () => {
  test.each(['0-4', 'bytes 0-4/5', 'bytes=0-4', '0-4/*'])('%p is understood', async (range) => {
    const image = fresh();
    const location = await image.begin();
    const headers = { ...OCTETS, 'content-range': range };
    const response = await image.ok(202, 'PATCH', location, { body: 'bytes', headers });
    expect(response.headers.get('range')).toBe('0-4');
  });

  test.each(['0-', '-4', '4-0', '+0-4', '0x0-0x4', '0-4,5-9', 'x', `0-${'9'.repeat(30)}`, '0-3', '0-5'])(
    '%p for five bytes is 400, and the upload goes on',
    async (range) => {
      const image = fresh();
      const location = await image.begin();
      const headers = { ...OCTETS, 'content-range': range };
      for (const method of ['PATCH', 'PUT']) {
        const path = method === 'PUT' ? ending(location, digestOf('bytes')) : location;
        expect((await image.call(method, path, { body: 'bytes', headers })).status).toBe(400);
        const stream = streamOf(new Uint8Array(Buffer.from('bytes')));
        expect((await image.call(method, path, { body: stream, headers })).status).toBe(400);
      }
      expect(await rangeOf(image, location)).toBe('0-0');
      await image.ok(201, 'PUT', ending(location, digestOf('bytes')), { body: 'bytes', headers: OCTETS });
    },
  );

  test('can be left out between chunks that have it: what comes is added at the end', async () => {
    const image = fresh();
    const blob = make(4000);
    const location = await image.begin();
    await image.ok(202, 'PATCH', location, chunk(blob.bytes, 0, 1000));
    await image.ok(202, 'PATCH', location, { body: blob.bytes.slice(1000, 2000), headers: OCTETS });
    await image.ok(202, 'PATCH', location, { body: streamOf(blob.bytes.slice(2000, 3000)), headers: OCTETS });
    await expectStored(image, await image.call('PUT', ending(location, blob.digest), chunk(blob.bytes, 3000)), blob);
  });
});

describe('of several clients on one upload', () => {
  const candidates = (): readonly Bytes[] =>
    ['a', 'b', 'c', 'd', 'e'].map((letter) => new Uint8Array(Buffer.from(letter.repeat(150_000))));

  test('one wins, the others are told where it stands, and the result is whole', async () => {
    const image = fresh();
    const location = await image.begin();
    const sent = candidates();
    const answers = await Promise.all(sent.map((bytes) => image.call('PATCH', location, chunk(bytes, 0))));
    const winner = answers.findIndex((answer) => answer.status === 202);
    for (const [n, answer] of answers.entries()) {
      if (n === winner) expect(answer.headers.get('range')).toBe('0-149999');
      else await expectOutOfOrder(answer, location, '0-149999');
    }
    const bytes = sent[winner] ?? new Uint8Array();
    const blob = { bytes, digest: digestOf(bytes) };
    await expectStored(image, await image.call('PUT', ending(location, blob.digest)), blob);
  });

  test('none is mixed with another where they do not say where their bytes belong', async () => {
    const image = fresh();
    const location = await image.begin();
    const sent = candidates();
    const answers = await Promise.all(sent.map((body) => image.call('PATCH', location, { body, headers: OCTETS })));
    const taken = sent.filter((_, n) => answers[n]?.status === 202);
    expect(answers.filter(({ status }) => status !== 202 && status !== 416)).toEqual([]);
    expect(await rangeOf(image, location)).toBe(`0-${150_000 * taken.length - 1}`);
    // One that comes when another has ended is the next chunk: the order is that of the ranges in the answers.
    const ends = answers.map((answer) => (answer.status === 202 ? answer.headers.get('range') : null));
    const order = taken.map((_, n) => sent[ends.indexOf(`0-${150_000 * (n + 1) - 1}`)] ?? new Uint8Array());
    const bytes = new Uint8Array(Buffer.concat(order));
    const blob = { bytes, digest: digestOf(bytes) };
    await expectStored(image, await image.call('PUT', ending(location, blob.digest)), blob);
  });

  test('one ends it with the bytes that are there, and who adds some at that moment is refused', async () => {
    for (let round = 0; round < 5; round++) {
      const image = fresh();
      const blob = make(100_000);
      const location = await image.begin();
      await image.ok(202, 'PATCH', location, chunk(blob.bytes, 0));
      const more = { body: someBytes(100_000), headers: { ...OCTETS, 'content-range': '100000-199999' } };
      const [ended, added] = await Promise.all([
        image.call('PUT', ending(location, blob.digest)),
        image.call('PATCH', location, more),
      ]);
      // Either the end came first, or the chunk did, and then these are no longer the bytes.
      expect([
        [201, 404],
        [400, 202],
        [416, 202],
      ]).toContainEqual([ended.status, added.status]);
      if (ended.status === 201) await expectStored(image, ended, blob);
      else expect((await image.call('HEAD', `blobs/${blob.digest}`)).status).toBe(404);
    }
  });

  test('all end it, where all have the same bytes', async () => {
    const image = fresh();
    const blob = make(50_000);
    const location = await image.begin();
    await image.ok(202, 'PATCH', location, chunk(blob.bytes, 0));
    const answers = await Promise.all([1, 2, 3, 4].map(() => image.call('PUT', ending(location, blob.digest))));
    for (const response of answers) await expectStored(image, response, blob);
  });
});
