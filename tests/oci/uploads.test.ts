import { describe, expect, test } from 'bun:test';
import { inCheckout } from '../support/paths.ts';
import { run } from '../support/run.ts';
import { useServer } from '../support/use-server.ts';
import { ALGORITHMS, digestOf, freshName, Image, OCTETS, someBytes } from './protocol.ts';

const server = useServer();
const fresh = () => new Image(server(), freshName('uploads'));

/** That a blob is there with these bytes, by HEAD and GET. */
async function expectBlob(image: Image, digest: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const head = await image.ok(200, 'HEAD', `blobs/${digest}`);
  const got = await image.ok(200, 'GET', `blobs/${digest}`);
  for (const response of [head, got]) {
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(response.headers.get('docker-content-digest')).toBe(digest);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
  }
  expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true);
}

function expectStored(response: Response, image: Image, digest: string): void {
  expect(response.status).toBe(201);
  expect(response.headers.get('location')).toBe(`/v2/${image.name}/blobs/${digest}`);
  expect(response.headers.get('docker-content-digest')).toBe(digest);
}

describe.each(ALGORITHMS)('a blob with a %s', (algorithm) => {
  const make = (size = 2048) => {
    const bytes = someBytes(size);
    return { bytes, digest: digestOf(bytes, algorithm) };
  };
  const finish = (location: string, digest: string) =>
    `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;

  test('comes in one POST', async () => {
    const image = fresh();
    const { bytes, digest } = make();
    const response = await image.call('POST', `blobs/uploads/?digest=${digest}`, { body: bytes, headers: OCTETS });
    expectStored(response, image, digest);
    await expectBlob(image, digest, bytes);
  });

  test('comes in a POST and a PUT', async () => {
    const image = fresh();
    const { bytes, digest } = make();
    const location = await image.begin(`?digest-algorithm=${algorithm}`);
    expect(location).toStartWith('/v2/');
    expectStored(await image.call('PUT', finish(location, digest), { body: bytes, headers: OCTETS }), image, digest);
    await expectBlob(image, digest, bytes);
  });

  test('comes as a stream of unknown length, as Docker sends it', async () => {
    const image = fresh();
    const { bytes, digest } = make(300_000);
    const stream = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 50_000) controller.enqueue(bytes.subarray(at, at + 50_000));
        controller.close();
      },
    });
    const patched = await image.ok(202, 'PATCH', await image.begin(), { body: stream, headers: OCTETS });
    expect(patched.headers.get('range')).toBe('0-299999');
    expect(patched.headers.get('docker-upload-uuid')).toBeTruthy();
    const location = patched.headers.get('location') ?? '';
    expectStored(await image.call('PUT', finish(location, digest)), image, digest);
    await expectBlob(image, digest, bytes);
  });

  test.each([false, true])('comes in three chunks, the last one in the PUT: %p', async (lastInPut) => {
    const image = fresh();
    const { bytes, digest } = make(3000);
    let location = await image.begin(`?digest-algorithm=${algorithm}`);
    for (const start of lastInPut ? [0, 1000] : [0, 1000, 2000]) {
      const response = await image.ok(202, 'PATCH', location, {
        body: bytes.slice(start, start + 1000),
        headers: { ...OCTETS, 'content-range': `${start}-${start + 999}` },
      });
      expect(response.headers.get('range')).toBe(`0-${start + 999}`);
      location = response.headers.get('location') ?? '';
    }
    const rest = lastInPut
      ? { body: bytes.slice(2000), headers: { ...OCTETS, 'content-range': '2000-2999' } }
      : undefined;
    expectStored(await image.call('PUT', finish(location, digest), rest), image, digest);
    await expectBlob(image, digest, bytes);
  });

  test('may be empty, or as short as {}', async () => {
    const image = fresh();
    for (const bytes of [new Uint8Array(), new Uint8Array(Buffer.from('{}'))]) {
      const digest = digestOf(bytes, algorithm);
      const location = await image.begin();
      expectStored(await image.call('PUT', finish(location, digest), { body: bytes, headers: OCTETS }), image, digest);
      await expectBlob(image, digest, bytes);
    }
  });

  test('a chunk out of order is 416 with where the upload stands, which then goes on', async () => {
    const image = fresh();
    const { bytes, digest } = make(3000);
    const location = await image.begin(`?digest-algorithm=${algorithm}`);
    const chunk = (start: number, end = start + 1000) => ({
      body: bytes.slice(start, end),
      headers: { ...OCTETS, 'content-range': `${start}-${end - 1}` },
    });
    const state = async () => {
      const response = await image.ok(204, 'GET', location);
      expect(response.headers.get('location')).toBe(location);
      return response.headers.get('range');
    };
    expect(await state()).toBe('0-0');
    for (const [method, address] of [
      ['PATCH', location],
      ['PUT', finish(location, digest)],
    ] as const) {
      const early = await image.call(method, address, chunk(1000));
      expect(early.status).toBe(416);
      expect(early.headers.get('location')).toBe(location);
      expect(early.headers.get('range')).toBe('0-0');
      expect(await image.errorOf(early)).toBe('BLOB_UPLOAD_INVALID');
    }
    await image.ok(202, 'PATCH', location, chunk(0));
    expect((await image.call('PATCH', location, chunk(0))).status).toBe(416);
    expect((await image.call('PATCH', location, chunk(2000))).status).toBe(416);
    expect(await state()).toBe('0-999');
    await image.ok(202, 'PATCH', location, chunk(1000));
    expectStored(await image.call('PUT', finish(location, digest), chunk(2000)), image, digest);
    await expectBlob(image, digest, bytes);
  });

  test('with another digest than announced is refused in each of five forms, and nothing of it stays', async () => {
    const image = fresh();
    const { digest } = make();
    const wrong = someBytes(500);
    const half = { body: wrong.slice(0, 250), headers: { ...OCTETS, 'content-range': '0-249' } };
    const rest = { body: wrong.slice(250), headers: { ...OCTETS, 'content-range': '250-499' } };
    const forms: readonly (() => Promise<Response>)[] = [
      () => image.call('POST', `blobs/uploads/?digest=${digest}`, { body: wrong, headers: OCTETS }),
      async () => image.call('PUT', finish(await image.begin(), digest), { body: wrong, headers: OCTETS }),
      async () => {
        const location = await image.begin();
        await image.ok(202, 'PATCH', location, { body: wrong, headers: OCTETS });
        return image.call('PUT', finish(location, digest));
      },
      async () => {
        const location = await image.begin();
        await image.ok(202, 'PATCH', location, half);
        await image.ok(202, 'PATCH', location, rest);
        return image.call('PUT', finish(location, digest));
      },
      async () => {
        const location = await image.begin();
        await image.ok(202, 'PATCH', location, half);
        return image.call('PUT', finish(location, digest), rest);
      },
    ];
    for (const form of forms) {
      const response = await form();
      expect(response.status).toBe(400);
      expect(await image.errorOf(response)).toBe('DIGEST_INVALID');
      expect((await image.call('HEAD', `blobs/${digest}`)).status).toBe(404);
      expect((await image.call('HEAD', `blobs/${digestOf(wrong, algorithm)}`)).status).toBe(404);
    }
  });

  test('that is there already is said to be stored, when the answer to the first PUT was lost', async () => {
    const image = fresh();
    const { bytes, digest } = make();
    const location = await image.begin();
    await image.ok(202, 'PATCH', location, { body: bytes, headers: OCTETS });
    for (let attempt = 0; attempt < 2; attempt++)
      expectStored(await image.call('PUT', finish(location, digest)), image, digest);
    // For any other digest the upload is over.
    const other = await image.call('PUT', finish(location, digestOf('other', algorithm)));
    expect([other.status, await image.errorOf(other)]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  });
});

test('an upload that is cancelled is gone', async () => {
  const image = fresh();
  const location = await image.begin();
  await image.ok(202, 'PATCH', location, { body: 'bytes', headers: OCTETS });
  await image.ok(204, 'DELETE', location);
  for (const method of ['GET', 'DELETE', 'PATCH']) {
    const response = await image.call(method, location);
    expect([response.status, await image.errorOf(response)]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  }
});

test('an upload belongs to its image alone', async () => {
  const location = await fresh().begin();
  const other = fresh();
  const id = location.slice(location.lastIndexOf('/') + 1);
  expect((await other.call('GET', `blobs/uploads/${id}`)).status).toBe(404);
});

test('of two clients that send to one upload at the same time one is told where it stands', async () => {
  const image = fresh();
  const location = await image.begin();
  const chunks = ['a', 'b'].map((letter) => letter.repeat(200_000));
  const headers = { ...OCTETS, 'content-range': '0-199999' };
  const answers = await Promise.all(chunks.map((body) => image.call('PATCH', location, { body, headers })));
  expect(answers.map((answer) => answer.status).sort()).toEqual([202, 416]);
  const won = chunks[answers.findIndex((answer) => answer.status === 202)] ?? '';
  const digest = digestOf(won);
  await image.ok(201, 'PUT', `${location}?digest=${digest}`);
  expect(await (await image.ok(200, 'GET', `blobs/${digest}`)).text()).toBe(won);
});

test('two clients that end one upload at the same time with the same bytes both succeed', async () => {
  const image = fresh();
  const location = await image.begin();
  await image.ok(202, 'PATCH', location, { body: 'same bytes', headers: OCTETS });
  const address = `${location}?digest=${digestOf('same bytes')}`;
  const answers = await Promise.all([1, 2, 3].map(() => image.call('PUT', address)));
  expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201]);
});

test('a connection that is cut in the middle of a chunk keeps what had arrived, and the client goes on from there', async () => {
  const image = fresh();
  const bytes = someBytes(400_000);
  const location = await image.begin();
  const cut = new AbortController();
  const half = new ReadableStream({
    async start(controller) {
      controller.enqueue(bytes.slice(0, 200_000));
      await Bun.sleep(300);
      cut.abort();
    },
  });
  const url = `${server().url}${location}`;
  const authorization = `Bearer ${server().adminToken}`;
  const sending = fetch(url, {
    method: 'PATCH',
    body: half,
    headers: { ...OCTETS, authorization },
    signal: cut.signal,
  });
  await expect(sending).rejects.toThrow();
  let range = '0-0';
  for (let tries = 0; range === '0-0' && tries < 100; tries++) {
    await Bun.sleep(50);
    range = (await image.ok(204, 'GET', location)).headers.get('range') ?? '';
  }
  const arrived = Number(range.split('-')[1]) + 1;
  expect(arrived).toBeGreaterThan(1);
  expect(arrived).toBeLessThanOrEqual(200_000);
  await image.ok(202, 'PATCH', location, {
    body: bytes.slice(arrived),
    headers: { ...OCTETS, 'content-range': `${arrived}-${bytes.length - 1}` },
  });
  await image.ok(201, 'PUT', `${location}?digest=${digestOf(bytes)}`);
  const stored = await (await image.ok(200, 'GET', `blobs/${digestOf(bytes)}`)).arrayBuffer();
  expect(Buffer.from(stored).equals(bytes)).toBe(true);
});

test.each([
  ['a Content-Range that is none', 'lots'],
  ['one that ends before it begins', '5-2'],
  ['one that announces more than comes', '0-99'],
  ['one that announces less than comes', '0-1'],
])('%s is refused, and the upload goes on', async (_, range) => {
  const image = fresh();
  const location = await image.begin();
  const headers = { ...OCTETS, 'content-range': range };
  expect((await image.call('PATCH', location, { body: 'bytes', headers })).status).toBe(400);
  expect((await image.ok(204, 'GET', location)).headers.get('range')).toBe('0-0');
});

test('a PUT without a digest, or with one that is none, is refused', async () => {
  const image = fresh();
  const location = await image.begin();
  for (const query of ['', '?digest=', '?digest=sha256:abc', '?digest=md5:d41d8cd98f00b204e9800998ecf8427e']) {
    const response = await image.call('PUT', location + query, { body: 'bytes', headers: OCTETS });
    expect([response.status, await image.errorOf(response)]).toEqual([400, 'DIGEST_INVALID']);
  }
  await image.ok(204, 'GET', location);
});

test('an algorithm that is not known is refused before any bytes travel', async () => {
  const response = await fresh().call('POST', 'blobs/uploads/?digest-algorithm=md5');
  expect(response.status).toBe(400);
});

describe('a mount', () => {
  test('makes a blob of another image one of this, and is said to have stored it', async () => {
    const source = fresh();
    const target = fresh();
    const digest = await source.pushBlob('shared layer');
    expect((await target.call('HEAD', `blobs/${digest}`)).status).toBe(404);
    const response = await target.call('POST', `blobs/uploads/?mount=${digest}&from=${source.name}`);
    expectStored(response, target, digest);
    expect(await (await target.ok(200, 'GET', `blobs/${digest}`)).text()).toBe('shared layer');
  });

  test('needs no source: the blob is found wherever the caller may read', async () => {
    const digest = await fresh().pushBlob('somewhere');
    const target = fresh();
    expectStored(await target.call('POST', `blobs/uploads/?mount=${digest}`), target, digest);
  });

  test('of what is not there begins an upload instead', async () => {
    const image = fresh();
    const digest = digestOf('never pushed');
    for (const query of [`?mount=${digest}`, `?mount=${digest}&from=${freshName('uploads')}`]) {
      const response = await image.ok(202, 'POST', `blobs/uploads/${query}`);
      const location = response.headers.get('location') ?? '';
      await image.ok(204, 'GET', location);
    }
    const location = await image.begin(`?mount=${digest}`);
    await image.ok(201, 'PUT', `${location}?digest=${digest}`, { body: 'never pushed', headers: OCTETS });
  });
});

test('an upload that nobody goes on with is collected by gc, and whoever comes back is told so', async () => {
  const image = fresh();
  const location = await image.begin();
  await image.ok(202, 'PATCH', location, { body: 'abandoned', headers: OCTETS });
  const gc = (age: string) =>
    run(['node', inCheckout('bin/packyard'), 'gc', ...server().placeFlags, '--abandoned-after', age]);
  expect(await gc('1h')).toMatchObject({ code: 0 });
  expect((await image.ok(204, 'GET', location)).headers.get('range')).toBe('0-8');
  await Bun.sleep(1100);
  const done = await gc('1s');
  expect(done).toMatchObject({ code: 0 });
  expect(done.stdout).toContain('uploads that nobody goes on with');
  const response = await image.call('PATCH', location, { body: 'more', headers: OCTETS });
  expect([response.status, await image.errorOf(response)]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
});
