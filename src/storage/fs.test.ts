import { afterAll, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsObjectStore } from './fs.ts';
import { objectStoreSuite } from './object-store-suite.ts';

const folders: string[] = [];
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-fs-'));
  folders.push(folder);
  return folder;
}
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

objectStoreSuite('fs', async () => ({ store: await FsObjectStore.open(await newFolder()), dispose: async () => {} }));

test('the fs store leaves nothing in its staging folder, whatever happened', async () => {
  const folder = await newFolder();
  const store = await FsObjectStore.open(folder);
  const kept = await store.stage([Buffer.from('kept')]);
  await kept.commit();
  await kept.discard();
  await (await store.stage([Buffer.from('dropped')])).discard();
  await store.stage([Buffer.from('too long')], { maxSize: 1 }).catch(() => {});
  expect(await readdir(join(folder, 'staging'))).toEqual([]);
});

test('the fs store gives back the memory of pieces that are nobody else’s, and of no others', async () => {
  const store = await FsObjectStore.open(await newFolder());
  const keepAll = async (owned: boolean) => {
    const whole = Array.from({ length: 5 }, (_, index) => new Uint8Array(100_000).fill(index));
    const view = new Uint8Array(200_000).fill(7).subarray(0, 100_000);
    const staged = await store.stage([...whole, view], { owned });
    const bytes = await new Response(await store.open(await staged.commit())).bytes();
    return { bytes, left: [...whole, view].map((piece) => piece.byteLength) };
  };
  const kept = await keepAll(false);
  const taken = await keepAll(true);
  expect(kept.left).toEqual(Array(6).fill(100_000));
  expect(taken.left).toEqual([0, 0, 0, 0, 0, 100_000]);
  expect(Bun.SHA256.hash(taken.bytes, 'hex')).toBe(Bun.SHA256.hash(kept.bytes, 'hex'));
  expect(taken.bytes.slice(-1)).toEqual(new Uint8Array([7]));
});

test('the fs store opens what an earlier process left', async () => {
  const folder = await newFolder();
  const staged = await (await FsObjectStore.open(folder)).stage([Buffer.from('durable')]);
  const key = await staged.commit();
  const reopened = await FsObjectStore.open(folder);
  expect(await new Response(await reopened.open(key)).text()).toBe('durable');
});

test('the fs store opens what was stored when keys were digests alone', async () => {
  const folder = await newFolder();
  const store = await FsObjectStore.open(folder);
  const key = `blobs-v1/sha256/ab/ab${'0'.repeat(62)}`;
  await Bun.write(join(folder, key), 'older');
  expect(await store.stat(key)).toEqual({ size: 5 });
  expect(await (await store.open(key)).text()).toBe('older');
  expect((await Array.fromAsync(store.list())).map((object) => object.key)).toEqual([key]);
  await store.delete(key);
  expect(await store.stat(key)).toBeUndefined();
});

test('the fs store forgets what a crash left in its staging folder a day ago, and nothing younger', async () => {
  const folder = await newFolder();
  await FsObjectStore.open(folder);
  await Bun.write(join(folder, 'staging', 'old'), 'x');
  await Bun.write(join(folder, 'staging', 'young'), 'x');
  const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
  await utimes(join(folder, 'staging', 'old'), longAgo, longAgo);
  await FsObjectStore.open(folder);
  expect(await readdir(join(folder, 'staging'))).toEqual(['young']);
});

test('the fs store never leaves its folder, whatever the key says', async () => {
  const store = await FsObjectStore.open(await newFolder());
  await expect(store.open('../../etc/passwd')).rejects.toThrow('not a storage key');
  await expect(store.open('blobs-v1/sha256/00/absent')).rejects.toThrow('has lost');
  await expect(store.stat('blobs-v1/../x')).rejects.toThrow('not a storage key');
});
