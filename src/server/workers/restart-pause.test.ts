import { expect, test } from 'bun:test';
import { RestartPause } from './restart-pause.ts';

const SECOND = 1000;

test('a worker that keeps dying is started again after longer and longer pauses, up to half a minute', () => {
  const pause = new RestartPause();
  const pauses = Array.from({ length: 10 }, () => pause.after(2 * SECOND));
  expect(pauses.slice(0, 4)).toEqual([250, 500, 1000, 2000]);
  expect(pauses.slice(-2)).toEqual([30 * SECOND, 30 * SECOND]);
});

test('a worker that has run for long is started again soon, whatever was before', () => {
  const pause = new RestartPause();
  for (let death = 0; death < 10; death += 1) pause.after(2 * SECOND);
  expect([pause.after(3600 * SECOND), pause.after(2 * SECOND)]).toEqual([250, 500]);
});
