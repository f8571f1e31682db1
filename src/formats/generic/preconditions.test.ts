import { describe, expect, test } from 'bun:test';
import { parsePreconditions } from './preconditions.ts';

const parse = (headers: Record<string, string>) => parsePreconditions(new Headers(headers));

describe('the conditions of an upload', () => {
  test('are none without headers', () => {
    expect(parse({})).toEqual({ onlyIfAbsent: false, present: undefined });
  });
  test('can ask that nothing is there', () => {
    expect(parse({ 'if-none-match': ' * ' })).toEqual({ onlyIfAbsent: true, present: undefined });
  });
  test('can name what must be there, or that anything must', () => {
    expect(parse({ 'if-match': '"a", W/"b"' }).present).toEqual(['"a"', 'W/"b"']);
    expect(parse({ 'if-match': '*' }).present).toBe('*');
  });
  test('cannot name what must not be there', () => {
    expect(() => parse({ 'if-none-match': '"a"' })).toThrow('If-None-Match: *');
  });
});
