import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import type { S3Location } from '../../src/config/config.ts';
import type { ObjectBody } from '../../src/storage/object-store.ts';
import { S3ObjectStore, type S3StoreOptions } from '../../src/storage/s3/s3-object-store.ts';
import { skipVisibly } from '../support/clients.ts';
import { eventually } from '../support/eventually.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { hasS3Server, newBucket, S3_SKIP_REASON, s3Server } from '../support/seaweedfs.ts';
import { TempFolder } from '../support/temp-folder.ts';

const MIB = 1024 * 1024;
/** Quick, but as many attempts as everybody has. */
const RETRIES = { attempts: 8, firstDelay: 5, longestDelay: 50 };

/** Bytes that differ everywhere, so that a part in the wrong place is noticed. */
function pattern(size: number): Uint8Array<ArrayBuffer> {
  const numbers = new Uint32Array(size / 4);
  for (let index = 0; index < numbers.length; index += 1) numbers[index] = index * 2654435761;
  return new Uint8Array(numbers.buffer);
}

const SMALL = pattern(100 * 1024);
const MEDIUM = pattern(8 * MIB);
const LARGE = pattern(34 * MIB);

const bytes = async (body: ObjectBody): Promise<Uint8Array> => new Response(body).bytes();
const same = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;

async function put(store: S3ObjectStore, content: Uint8Array): Promise<string> {
  const staged = await store.stage([content]);
  try {
    return await staged.commit();
  } finally {
    await staged.discard();
  }
}

if (hasS3Server()) describe('an S3 store in bad weather', badWeather);
else skipVisibly('an S3 store in bad weather gives and takes the right bytes', S3_SKIP_REASON);

function badWeather(): void {
  const folder = new TempFolder('s3-faults');
  let location: S3Location;
  let proxy: FaultProxy;
  /** Straight to the server, to see what is there. */
  let plain: S3ObjectStore;
  const open = (place: S3Location, options: Partial<S3StoreOptions> = {}) =>
    S3ObjectStore.open(place, { staging: folder.join('staging'), retries: RETRIES, ...options });
  const through = (options?: Partial<S3StoreOptions>) => open({ ...location, endpoint: proxy.url }, options);

  beforeAll(async () => {
    location = newBucket(await s3Server());
    plain = await open(location);
    proxy = await FaultProxy.start(location.endpoint ?? '');
  });
  afterEach(() => proxy.calm());
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    folder.dispose();
  });

  /** What was stored is whole, and nothing else is there. */
  async function expectStored(key: string, content: Uint8Array): Promise<void> {
    expect(same(await bytes(await plain.open(key)), content)).toBe(true);
    expect(await Array.fromAsync(plain.unfinished())).toEqual([]);
  }

  test.each([
    ['a small file', SMALL],
    ['a file in parts', LARGE],
  ])('that answers 503 for a while takes and gives %s', async (_, content) => {
    const store = await through();
    const before = proxy.refused;
    proxy.refuse(5);
    const key = await put(store, content);
    await expectStored(key, content);
    proxy.refuse(5);
    expect(same(await bytes(await store.open(key)), content)).toBe(true);
    proxy.refuse(2);
    expect(await store.stat(key)).toEqual({ size: content.byteLength });
    proxy.refuse(2);
    await store.delete(key);
    expect(proxy.refused - before).toBe(14);
    expect(await plain.stat(key)).toBeUndefined();
  });

  test('that answers 503 all the time is unavailable for now, and keeps nothing', async () => {
    const store = await through({ retries: { ...RETRIES, attempts: 3 } });
    const key = await put(plain, SMALL);
    proxy.refuse();
    const unavailable = { code: 'unavailable', retryAfter: expect.any(Number) };
    await expect(put(store, SMALL)).rejects.toMatchObject({
      ...unavailable,
      message: 'the object store is not well (503 SlowDown)',
    });
    await expect(put(store, LARGE)).rejects.toMatchObject(unavailable);
    await expect(store.open(key)).rejects.toMatchObject(unavailable);
    await expect(store.check()).rejects.toMatchObject(unavailable);
    proxy.calm();
    await store.check();
    await plain.delete(key);
    expect(await Array.fromAsync(plain.list())).toEqual([]);
    expect(await Array.fromAsync(plain.unfinished())).toEqual([]);
  });

  test('that is slow takes and gives the right bytes', async () => {
    const store = await through();
    proxy.slowDown(8 * MIB);
    const key = await put(store, MEDIUM);
    expect(same(await bytes(await store.open(key)), MEDIUM)).toBe(true);
    proxy.calm();
    await expectStored(key, MEDIUM);
  });

  test.each([
    ['small', SMALL, { after: 40 * 1024, times: 6 }],
    ['large', LARGE, { after: 2 * MIB, times: 12 }],
  ])('that breaks off in the middle of answers gives a %s object whole', async (_, content, breaks) => {
    const store = await through();
    const key = await put(store, content);
    const before = proxy.broken;
    proxy.breakAnswers(breaks);
    expect(same(await bytes(await store.open(key)), content)).toBe(true);
    const range = { start: 12_345, end: content.byteLength - 6_789 };
    proxy.breakAnswers(breaks);
    expect(same(await bytes(await store.open(key, range)), content.subarray(range.start, range.end))).toBe(true);
    proxy.calm();
    expect(proxy.broken).toBeGreaterThan(before + 6);
  });

  test('that never sends an object’s second half ends the download with an error', async () => {
    const store = await through();
    const key = await put(store, MEDIUM);
    proxy.breakAnswers({ after: 1, only: /^GET/ });
    const reading = async () => bytes(await store.open(key));
    await expect(reading()).rejects.toMatchObject({ code: 'unavailable' });
    proxy.calm();
    const body = (await store.open(key)) as ReadableStream<Uint8Array>;
    const reader = body.getReader();
    await reader.read();
    proxy.breakAnswers({ after: 1 });
    const rest = async () => {
      while (!(await reader.read()).done);
    };
    await expect(rest()).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('that falls silent in the middle of an object is asked for the rest', async () => {
    const store = await through({ stalledAfter: 200 });
    const key = await put(store, MEDIUM);
    proxy.breakAnswers({ after: 3 * MIB, times: 1, hangs: true });
    expect(same(await bytes(await store.open(key)), MEDIUM)).toBe(true);
    proxy.calm();
  });

  test.each([
    ['a small file', SMALL, { after: 40 * 1024, times: 6 }],
    ['a file in parts', LARGE, { after: 6 * MIB, times: 6 }],
  ])('that breaks off in the middle of requests takes %s whole', async (_, content, breaks) => {
    const store = await through();
    const before = proxy.broken;
    proxy.breakRequests(breaks);
    const key = await put(store, content);
    proxy.calm();
    expect(proxy.broken - before).toBe(6);
    await expectStored(key, content);
  });

  test.each([
    ['that it has taken a file', SMALL, /^PUT /],
    ['that it has taken a part', LARGE, /^PUT .*partNumber/],
    ['that an upload is complete', LARGE, /^POST .*uploadId/],
  ])('whose word %s is lost has taken it once', async (_, content, only) => {
    const store = await through();
    const before = proxy.broken;
    proxy.breakAnswers({ after: 1, times: 1, only });
    const key = await put(store, content);
    proxy.calm();
    expect(proxy.broken - before).toBe(1);
    await expectStored(key, content);
  });

  test('does not send on to a reader who has gone, nor faster than the reader takes', async () => {
    const store = await through();
    const key = await put(store, LARGE);
    const before = proxy.passedOn;
    const body = (await store.open(key)) as ReadableStream<Uint8Array>;
    const reader = body.getReader();
    await reader.read();
    for (let round = 0; round < 200; round += 1) await store.stat(key);
    expect(proxy.passedOn - before).toBeLessThan(LARGE.byteLength / 2);
    const open = proxy.connections;
    await reader.cancel();
    await eventually('the connection ends', () => proxy.connections < open);
    expect(proxy.passedOn - before).toBeLessThan(LARGE.byteLength / 2);
  });
}
