import { describe, expect, test } from 'bun:test';
import { refuseCrossSite } from './cross-site.ts';

const ours = 'https://packages.example';
const ask = (method: string, headers: Record<string, string>) => () =>
  refuseCrossSite(new Request(`${ours}/addpkg`, { method, headers }), () => ours);

describe('a change', () => {
  test.each<[Record<string, string>]>([
    [{}],
    [{ 'sec-fetch-site': 'same-origin', origin: ours }],
    [{ 'sec-fetch-site': 'none' }],
    [{ origin: ours }],
  ])('is taken from our own pages and from programs: %p', (headers) => {
    expect(ask('POST', headers)).not.toThrow();
  });

  test.each<[Record<string, string>]>([
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
  ])('is refused from other sites: %p', (headers) => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
      expect(ask(method, headers)).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });
});

test('reading is open to every site', () => {
  expect(ask('GET', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' })).not.toThrow();
});
