import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { PackyardError } from '../model/errors.ts';
import {
  type ByteSource,
  deletesObjects,
  listsObjects,
  listsUnfinished,
  type ObjectBody,
  type ObjectStore,
  stagesBatches,
} from './object-store.ts';

const HOUR = 60 * 60 * 1000;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (body: ObjectBody): Promise<string> => new Response(body).text();

/** What every driver promises. A driver's own test calls this and adds its special cases. */
export function objectStoreSuite(
  name: string,
  create: () => Promise<{ store: ObjectStore; dispose(): Promise<void> }>,
): void {
  describe(`the ${name} object store`, () => {
    let store: ObjectStore;
    let dispose: () => Promise<void>;
    beforeAll(async () => {
      ({ store, dispose } = await create());
    });
    afterAll(() => dispose());

    const put = async (...parts: string[]): Promise<string> => {
      const staged = await store.stage(parts.map(bytes));
      const key = await staged.commit();
      await staged.discard();
      return key;
    };

    test('gives back what was committed, whole or in part', async () => {
      const key = await put('hello ', 'world');
      expect(await store.stat(key)).toEqual({ size: 11 });
      expect(await text(await store.open(key))).toBe('hello world');
      expect(await text(await store.open(key, { start: 6, end: 11 }))).toBe('world');
      expect(await text(await store.open(key, { start: 0, end: 1 }))).toBe('h');
    });

    test('names bytes by their sha256 and computes the other digests', async () => {
      const staged = await store.stage([bytes('abc')], { digests: ['md5'] });
      expect(staged.size).toBe(3);
      expect(staged.sha256.hex).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
      expect((await staged.digest('md5')).hex).toBe('900150983cd24fb0d6963f7d28e17f72');
      expect((await staged.digest('sha1')).hex).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
      expect((await staged.digest('blake2b256')).hex).toBe(
        'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319',
      );
      await staged.discard();
    });

    test('takes many small objects together, where it can', async () => {
      if (!stagesBatches(store)) return;
      const batch = store.stageBatch();
      const staged = await Promise.all(['one', 'two', 'two', ''].map((part) => batch.stage(bytes(part))));
      expect(readFileSync(staged[1]?.path ?? '', 'utf8')).toBe('two');
      expect(staged[1]?.sha256.hex).toBe(staged[2]?.sha256.hex ?? '');
      const [one, two] = await Promise.all(staged.slice(0, 2).map((each) => each.commit()));
      for (const each of staged) await each.discard();
      expect(await text(await store.open(one ?? ''))).toBe('one');
      expect(await text(await store.open(two ?? ''))).toBe('two');
      expect(existsSync(staged[2]?.path ?? '')).toBe(false);
    });

    test('lets a parser read the staged bytes from a local file', async () => {
      const staged = await store.stage([bytes('parse'), bytes(' me')]);
      expect(readFileSync(staged.path, 'utf8')).toBe('parse me');
      await staged.discard();
    });

    test('keeps an empty object', async () => {
      const key = await put('');
      expect(await store.stat(key)).toEqual({ size: 0 });
      expect(await text(await store.open(key))).toBe('');
    });

    test('stores the same bytes under a key of their own each time, also at the same time', async () => {
      const keys = await Promise.all([put('twin'), put('twin'), put('tw', 'in')]);
      expect(new Set(keys).size).toBe(3);
      for (const key of keys) {
        expect(key).toMatch(/^blobs-v1\/sha256\/([0-9a-f]{2})\/\1[0-9a-f]{62}-[a-z0-9]{12}$/);
        expect(await text(await store.open(key))).toBe('twin');
      }
    });

    test('forgets staged bytes that are discarded', async () => {
      const staged = await store.stage([bytes('never seen')]);
      await staged.discard();
      expect(existsSync(staged.path)).toBe(false);
    });

    test('keeps nothing of a stream that breaks', async () => {
      async function* broken(): ByteSource {
        yield bytes('half');
        throw new PackyardError('client_closed', 'gone');
      }
      await expect(store.stage(broken())).rejects.toMatchObject({ code: 'client_closed' });
    });

    test('refuses a stream that is longer than allowed', async () => {
      await expect(store.stage([bytes('12345'), bytes('6')], { maxSize: 5 })).rejects.toMatchObject({
        code: 'too_large',
      });
      const staged = await store.stage([bytes('12345')], { maxSize: 5 });
      await staged.discard();
    });

    test('says that an unknown key is not there', async () => {
      expect(await store.stat('blobs-v1/sha256/00/absent')).toBeUndefined();
    });

    test('works when it is checked', async () => {
      await store.check();
    });

    test('lists and deletes, where it can', async () => {
      const key = await put('short-lived');
      if (!listsObjects(store) || !deletesObjects(store)) return;
      const listed = (await Array.fromAsync(store.list())).find((object) => object.key === key);
      expect(listed).toEqual({ key, size: 11, modifiedAt: expect.any(Number) });
      expect(Math.abs((listed?.modifiedAt ?? 0) - Date.now())).toBeLessThan(HOUR);
      await store.delete(key);
      await store.delete(key);
      expect(await store.stat(key)).toBeUndefined();
      expect(async () => text(await store.open(key))).toThrow();
    });

    test('finds unfinished uploads and drops them, where it can', async () => {
      if (!listsUnfinished(store)) return;
      const staged = await store.stage([bytes('left behind')]);
      const unfinished = (await Array.fromAsync(store.unfinished())).find((upload) => staged.path.endsWith(upload.id));
      expect(unfinished).toMatchObject({ size: 11, startedAt: expect.any(Number) });
      await store.dropUnfinished(unfinished?.id ?? '');
      expect(existsSync(staged.path)).toBe(false);
      await expect(staged.commit()).rejects.toThrow();
    });
  });
}
