import { expect, test } from 'bun:test';
import { HotObjects } from './hot-objects.ts';
import { MemoryObjectStore } from './memory.ts';
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
