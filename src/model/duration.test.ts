import { expect, test } from 'bun:test';
import { parseDuration } from './duration.ts';

test.each([
  ['0', 0],
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['12h', 43_200_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
  ['1y', 31_536_000_000],
])('%s is %d milliseconds', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each(['', '7', 'd', '-1d', '1.5h', '7 d', '7D', '1h30m', '9999999d'])('%p is no length of time', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
