import { expect, test } from 'bun:test';
import { formatSize } from './format-size.ts';

test('sizes are written for people, in the largest unit that fits', () => {
  expect([0, 1, 999, 1000, 1_234_567, 999_949, 999_950].map(formatSize)).toEqual([
    '0 bytes',
    '1 byte',
    '999 bytes',
    '1.0 kB',
    '1.2 MB',
    '999.9 kB',
    '1.0 MB',
  ]);
  expect(formatSize(5_000_000_000_000_000)).toBe('5000.0 TB');
});
