import { expect, test } from 'bun:test';
import { HotObjects } from './hot-objects.ts';
import { MemoryObjectStore } from './memory.ts';
import { deletesObjects, listsObjects, listsUnfinished, presignsObjects } from './object-store.ts';
import { objectStoreSuite } from './object-store-suite.ts';

objectStoreSuite('hot memory', async () => ({
  store: new HotObjects(new MemoryObjectStore(), 1000),
  dispose: async () => {},
}));

test('an object that was read twice is served without asking the store', async () => {
  const store = new MemoryObjectStore();
  const hot = new HotObjects(store, 1000);
  const staged = await hot.stage([Buffer.from('popular')]);
  const key = await staged.commit();
  await staged.discard();
  for (let reading = 0; reading < 2; reading++) await new Response(await hot.open(key)).text();
  await Bun.sleep(1);
  await store.delete(key);
  expect(await new Response(await hot.open(key)).text()).toBe('popular');
  expect(await new Response(await hot.open(key, { start: 3, end: 7 })).text()).toBe('ular');
});

test('an object that was read once is not kept', async () => {
  const store = new MemoryObjectStore();
  const hot = new HotObjects(store, 1000);
  const staged = await hot.stage([Buffer.from('rare')]);
  const key = await staged.commit();
  await staged.discard();
  await new Response(await hot.open(key)).text();
  await store.delete(key);
  expect(async () => hot.open(key)).toThrow('no object');
});

test('a store behind the memory keeps the powers that it has, and gets no others', () => {
  const hot = new HotObjects(new MemoryObjectStore(), 1000);
  expect(deletesObjects(hot)).toBe(true);
  expect(listsObjects(hot)).toBe(true);
  expect(presignsObjects(hot)).toBe(false);
  expect(listsUnfinished(hot)).toBe(false);
});

test('an object that is deleted is no longer served from memory', async () => {
  const hot = new HotObjects(new MemoryObjectStore(), 1000);
  const staged = await hot.stage([Buffer.from('popular')]);
  const key = await staged.commit();
  await staged.discard();
  for (let reading = 0; reading < 2; reading++) await new Response(await hot.open(key)).text();
  await Bun.sleep(1);
  await hot.delete?.(key);
  expect(async () => hot.open(key)).toThrow('no object');
});
