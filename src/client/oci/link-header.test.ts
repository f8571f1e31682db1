import { describe, expect, test } from 'bun:test';
import { nextLink } from './link-header.ts';

describe('the next page', () => {
  test.each([
    [null, undefined],
    ['</v2/_catalog?n=2&last=b>; rel="next"', '/v2/_catalog?n=2&last=b'],
    ['</a,b;c>; rel=next', '/a,b;c'],
    ['</first>; rel="first", </next>; rel="next"; title="a, b"', '/next'],
    ['</next>; title="x; rel=prev"; REL="last Next"', '/next'],
    ['</last>; rel="last"', undefined],
    ['</other>; rel="nextish"', undefined],
    ['nonsense', undefined],
  ])('in %s', (header, expected) => {
    expect(nextLink(header)).toBe(expected);
  });
});
