import { afterAll, describe, expect, test } from 'bun:test';
import { readdir, writeFile } from 'node:fs/promises';
import { AbortMultipartUploadCommand, CreateMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Location } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { PackyardError } from '../../src/model/errors.ts';
import type { ObjectBody } from '../../src/storage/object-store.ts';
import { objectStoreSuite } from '../../src/storage/object-store-suite.ts';
import { S3ObjectStore, type S3StoreOptions } from '../../src/storage/s3/s3-object-store.ts';
import { skipVisibly } from '../support/clients.ts';
import { freePort } from '../support/free-port.ts';
import { hasS3Server, LIMITED_BUCKET, newBucket, S3_SKIP_REASON, s3Server, s3Url } from '../support/seaweedfs.ts';
import { TempFolder } from '../support/temp-folder.ts';

const MIB = 1024 * 1024;

const folder = new TempFolder('s3');
afterAll(() => folder.dispose());

const open = (location: S3Location, options: Partial<S3StoreOptions> = {}) =>
  S3ObjectStore.open(location, { staging: folder.join(location.bucket), ...options });
const bytes = async (body: ObjectBody): Promise<Uint8Array> => new Response(body).bytes();

async function put(store: S3ObjectStore, content: Uint8Array | string): Promise<string> {
  const staged = await store.stage([Buffer.from(content)]);
  try {
    return await staged.commit();
  } finally {
    await staged.discard();
  }
}

/** What cannot be opened, in the words that somebody reads then. */
async function refusal(location: S3Location, options?: Partial<S3StoreOptions>): Promise<PackyardError> {
  const error: unknown = await open(location, {
    retries: { attempts: 2, firstDelay: 1, longestDelay: 1 },
    ...options,
  }).then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!(error instanceof PackyardError)) throw new Error(`expected a refusal, got ${error}`);
  expect(error.code).toBe('unavailable');
  return error;
}

/** Bytes that differ everywhere, so that a part in the wrong place is noticed. */
function pattern(size: number): Uint8Array<ArrayBuffer> {
  const numbers = new Uint32Array(Math.ceil(size / 4));
  for (let index = 0; index < numbers.length; index += 1) numbers[index] = index * 2654435761;
  return new Uint8Array(numbers.buffer, 0, size);
}

if (hasS3Server()) withServer();
else skipVisibly('the s3 object store keeps what every store promises', S3_SKIP_REASON);

function withServer(): void {
  objectStoreSuite('s3', async () => ({ store: await open(newBucket(await s3Server())), dispose: async () => {} }));

  describe('a bucket', () => {
    test('is made where the address says so, also by two replicas at once', async () => {
      const location = newBucket(await s3Server());
      const [one, other] = await Promise.all([open(location), open(location)]);
      expect(await bytes(await other.open(await put(one, 'shared')))).toEqual(new Uint8Array(Buffer.from('shared')));
    });

    test('that is not there is named, with what to do', async () => {
      const location = newBucket(await s3Server(), { create: false });
      const error = await refusal(location);
      expect(error.message).toBe(
        `storage ${location.bucket} at ${location.endpoint}: the bucket of the storage setting does not exist`,
      );
      expect(error.hint).toContain('create=true');
    });

    test('is shared by several servers under prefixes that do not see each other', async () => {
      const location = newBucket(await s3Server());
      const [whole, a, b] = [
        await open(location),
        await open({ ...location, prefix: 'team/a' }),
        await open({ ...location, prefix: 'team/b' }),
      ];
      const key = await put(a, 'of a');
      expect(await b.stat(key)).toBeUndefined();
      expect(await Array.fromAsync(b.list())).toEqual([]);
      expect(await Array.fromAsync(whole.list())).toEqual([]);
      expect((await Array.fromAsync(a.list())).map((object) => object.key)).toEqual([key]);
    });

    test('is opened with the address that S3_URL gives', async () => {
      const env = { S3_URL: s3Url(newBucket(await s3Server())) };
      const { storage } = (await loadConfig({ env, cwd: folder.path })).config;
      if (storage.kind !== 's3') throw new Error('expected S3 storage');
      const store = await open(storage);
      expect(await bytes(await store.open(await put(store, 'x')))).toEqual(new Uint8Array([120]));
    });
  });

  describe('whoever cannot get in is told why:', () => {
    const secret = 'not-the-secret-of-this-key';
    const withKeys = async (accessKeyId: string, secretAccessKey: string, options: Partial<S3Location> = {}) => {
      const server = await s3Server();
      return newBucket(server, { credentials: { accessKeyId, secretAccessKey }, ...options });
    };

    test('an unknown access key', async () => {
      const error = await refusal(await withKeys('nobody-knows-me', secret));
      expect(error.message).toEndWith('the object store does not know the access key');
      expect(error.hint).toContain('AWS_ACCESS_KEY_ID');
    });

    test('a wrong secret, which nobody gets to see', async () => {
      const error = await refusal(await withKeys((await s3Server()).admin.accessKeyId, secret));
      expect(error.message).toEndWith('the object store refuses the secret key: it does not belong to the access key');
      expect(JSON.stringify([error.message, error.hint, error.details, String(error.cause)])).not.toContain(secret);
    });

    test('a store that does not run', async () => {
      const location = newBucket(await s3Server(), { endpoint: `http://127.0.0.1:${await freePort()}` });
      const error = await refusal(location);
      expect(error.message).toContain('the object store does not answer: its address refuses connections');
    });

    test('a name that nobody has', async () => {
      const location = newBucket(await s3Server(), { endpoint: 'http://no-such-host.invalid' });
      expect((await refusal(location)).message).toContain('its address is not known or not reachable');
    });

    test('a key that may not enter this bucket', async () => {
      const server = await s3Server();
      if (!server.limited) return;
      const location = newBucket(server);
      await open(location);
      const error = await refusal({ ...location, credentials: server.limited });
      expect(error.message).toEndWith('the object store does not allow this access key what Packyard needs');
      expect(error.hint).toContain('AbortMultipartUpload');
    });

    test('no credentials at all', async () => {
      const location = newBucket(await s3Server(), { credentials: undefined });
      const script = folder.join('open.ts');
      await writeFile(
        script,
        `import { S3ObjectStore } from ${JSON.stringify(new URL('../../src/storage/s3/s3-object-store.ts', import.meta.url).pathname)};
         await S3ObjectStore.open(${JSON.stringify(location)}, { staging: ${JSON.stringify(folder.join('none'))} })
           .catch((error) => console.log(error.message));`,
      );
      const child = Bun.spawn([process.execPath, script], {
        env: { HOME: folder.path, AWS_EC2_METADATA_DISABLED: 'true' },
        stdout: 'pipe',
      });
      expect(await new Response(child.stdout).text()).toContain('there are no credentials for the object store');
    });
  });

  test('a key that may use one bucket, and make none, is enough', async () => {
    const server = await s3Server();
    if (!server.limited) return;
    await open(newBucket(server, { bucket: LIMITED_BUCKET }));
    const store = await open(newBucket(server, { bucket: LIMITED_BUCKET, credentials: server.limited, create: false }));
    await store.check();
    const key = await put(store, pattern(20 * MIB));
    expect(await store.stat(key)).toEqual({ size: 20 * MIB });
    expect((await Array.fromAsync(store.list())).map((object) => object.key)).toContain(key);
    await Array.fromAsync(store.unfinished());
    await store.delete(key);
  });

  test('a clock that is an hour wrong is put right by the store’s', async () => {
    const location = newBucket(await s3Server());
    for (const clockOffset of [3_600_000, -3_600_000]) {
      const store = await open(location, { clockOffset });
      expect(await bytes(await store.open(await put(store, 'late')))).toEqual(new Uint8Array(Buffer.from('late')));
      expect(Math.abs(await store.clockDifference())).toBeLessThan(60_000);
    }
  });

  describe('a large object', () => {
    test('arrives in parts with the right bytes, and leaves nothing unfinished', async () => {
      const store = await open(newBucket(await s3Server()));
      const content = pattern(50 * MIB + 7);
      const key = await put(store, content);
      expect(await store.stat(key)).toEqual({ size: content.byteLength });
      const received = await bytes(await store.open(key));
      expect(Buffer.compare(received, content)).toBe(0);
      expect(await Array.fromAsync(store.unfinished())).toEqual([]);
    });

    test('is read in any part', async () => {
      const store = await open(newBucket(await s3Server()));
      const content = pattern(20 * MIB);
      const key = await put(store, content);
      for (const [start, end] of [
        [0, 1],
        [content.length - 1, content.length],
        [16 * MIB - 5, 16 * MIB + 5],
        [3, 12 * MIB],
        [7, 7],
      ] as const) {
        const part = await bytes(await store.open(key, { start, end }));
        expect(Buffer.compare(part, content.subarray(start, end))).toBe(0);
      }
    });

    test('that has changed since it was digested leaves neither object nor parts', async () => {
      const store = await open(newBucket(await s3Server()));
      const content = pattern(40 * MIB);
      const staged = await store.stage([content]);
      content[39 * MIB] = 1;
      await writeFile(staged.path, content);
      await expect(staged.commit()).rejects.toThrow('has changed while it was sent');
      await staged.discard();
      expect(await Array.fromAsync(store.unfinished())).toEqual([]);
      expect(await Array.fromAsync(store.list())).toEqual([]);
    });
  });

  test('bytes that have changed since they were digested are refused by the store', async () => {
    const store = await open(newBucket(await s3Server()));
    const staged = await store.stage([Buffer.from('what was promised')]);
    await writeFile(staged.path, 'what is sent here');
    await expect(staged.commit()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await Array.fromAsync(store.list())).toEqual([]);
  });

  test('uploads that broke off are found in the bucket and dropped, once or again', async () => {
    const location = newBucket(await s3Server());
    const store = await open(location);
    const client = new S3Client({
      endpoint: location.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: location.credentials,
    });
    const Key = `blobs-v1/sha256/ab/ab${'0'.repeat(62)}-abcdefghijkl`;
    const begun = await client.send(new CreateMultipartUploadCommand({ Bucket: location.bucket, Key }));
    const [unfinished] = await Array.fromAsync(store.unfinished());
    expect(unfinished?.id).toContain(Key);
    expect(Math.abs((unfinished?.startedAt ?? 0) - Date.now())).toBeLessThan(60 * 60 * 1000);
    await store.dropUnfinished(unfinished?.id ?? '');
    await store.dropUnfinished(unfinished?.id ?? '');
    expect(await Array.fromAsync(store.unfinished())).toEqual([]);
    await client
      .send(new AbortMultipartUploadCommand({ Bucket: location.bucket, Key, UploadId: begun.UploadId }))
      .catch(() => {});
  });

  test('more objects than one page holds are all listed', async () => {
    const store = await open(newBucket(await s3Server()));
    const keys: string[] = [];
    for (let round = 0; round < 35; round += 1)
      keys.push(...(await Promise.all(Array.from({ length: 30 }, (_, index) => put(store, `${round}/${index}`)))));
    const listed = (await Array.fromAsync(store.list())).map((object) => object.key);
    expect(listed.sort()).toEqual(keys.sort());
  });

  test('a presigned address gives the object to anybody, with the headers that were asked for, and nobody without it', async () => {
    const store = await open(newBucket(await s3Server(), { prefix: 'a/b' }));
    const key = await put(store, 'take me');
    const url = await store.presign(key, {
      expiresSeconds: 60,
      contentType: 'application/x-tar',
      contentDisposition: "attachment; filename=\"it's (1) + ü.tar\"; filename*=UTF-8''%C3%BC.tar",
    });
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/x-tar');
    expect(answer.headers.get('content-disposition')).toContain('attachment; filename="it\'s (1)');
    expect(await answer.text()).toBe('take me');
    const part = await fetch(url, { headers: { range: 'bytes=5-6' } });
    expect([part.status, await part.text()]).toEqual([206, 'me']);
    const bare = new URL(url);
    bare.search = '';
    expect((await fetch(bare)).status).toBe(403);
    expect((await fetch(url.replace('x-tar', 'x-exe'))).status).toBe(403);
  });

  test('the public endpoint stands in presigned addresses only', async () => {
    const store = await open(newBucket(await s3Server(), { publicEndpoint: 'https://files.example.com' }));
    const key = await put(store, 'x');
    expect(await store.presign(key, { expiresSeconds: 60 })).toStartWith('https://files.example.com/test-');
    expect(await bytes(await store.open(key))).toEqual(new Uint8Array([120]));
  });

  test('an object that is lost is the storage’s fault, and what is no key is not asked for', async () => {
    const store = await open(newBucket(await s3Server()));
    await expect(store.open('blobs-v1/sha256/00/absent')).rejects.toThrow('has lost');
    await expect(store.open('../other-bucket/secret')).rejects.toThrow('not a storage key');
  });

  test('nothing stays in the staging folder', async () => {
    const location = newBucket(await s3Server());
    const store = await open(location);
    await put(store, 'sent');
    await store.stage([Buffer.from('too long')], { maxSize: 1 }).catch(() => {});
    expect(await readdir(folder.join(location.bucket))).toEqual([]);
  });
}
