import { expect, test } from 'bun:test';
import { Turns } from './turns.ts';

test('so many work at the same time, and the others in the order in which they came', async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const work = (index: number) =>
    turns.take(async () => {
      begun.push(index);
      most = Math.max(most, ++running);
      await Bun.sleep(index % 3);
      running--;
      return index;
    });
  const all = Array.from({ length: 20 }, (_, index) => index);
  expect(await Promise.all(all.map(work))).toEqual(all);
  expect(begun).toEqual(all);
  expect(most).toBe(2);
});

test('work that fails gives its place back', async () => {
  const turns = new Turns(1);
  const failing = turns.take(() => Promise.reject(new Error('no')));
  const next = turns.take(async () => 'done');
  expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
  expect(await turns.take(async () => 'again')).toBe('again');
});
