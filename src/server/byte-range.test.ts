import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseByteRange, UnsatisfiableRange } from './byte-range.ts';

describe('a Range header', () => {
  test.each([
    ['bytes=0-9', { start: 0, end: 10 }],
    ['bytes=90-', { start: 90, end: 100 }],
    ['bytes=90-1000', { start: 90, end: 100 }],
    ['bytes=-10', { start: 90, end: 100 }],
    ['bytes=-1000', { start: 0, end: 100 }],
    ['bytes=99-99', { start: 99, end: 100 }],
  ])('%s is a part of 100 bytes', (header, range) => {
    expect(parseByteRange(header, 100)).toEqual(range);
  });

  test.each([null, '', 'items=0-1', 'bytes=', 'bytes=-', 'bytes=0-1,3-4', 'bytes=a-b'])(
    '%p means the whole',
    (header) => {
      expect(parseByteRange(header, 100)).toBeUndefined();
    },
  );

  test.each(['bytes=100-', 'bytes=100-200', 'bytes=-0', 'bytes=5-4'])('%s names no byte of it', (header) => {
    expect(() => parseByteRange(header, 100)).toThrow(UnsatisfiableRange);
  });

  test('never reaches beyond the file, whatever it says', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.integer({ min: 1, max: 100 }), (first, last, size) => {
        try {
          const range = parseByteRange(`bytes=${first}-${last}`, size);
          if (range) expect(0 <= range.start && range.start < range.end && range.end <= size).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(UnsatisfiableRange);
          expect(first >= size || last < first).toBe(true);
        }
      }),
    );
  });
});
