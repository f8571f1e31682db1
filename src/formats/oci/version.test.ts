import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseDigest, parseName, parseTag } from './version.ts';

const refusal = (oci: string) => expect.objectContaining({ code: 'invalid_request', details: { oci } });

describe('a repository name', () => {
  test.each(['alpine', 'team/app', 'a/b/c/d', 'a.b_c__d-e--f/0', 'conda-forge/linux-64/zlib'])('%s is one', (name) => {
    expect(parseName(name)).toEqual({
      name,
      repository: { format: 'oci', name: name.split('/')[0] ?? '' },
      within: `oci/${name}`,
    });
  });

  test.each([
    '',
    '/',
    'a/',
    '/a',
    'a//b',
    'A',
    'a/B',
    '..',
    'a/../b',
    'a..b',
    'a___b',
    '-a',
    'a-',
    '.a',
    'a.',
    'a b',
    'ä',
    'a%2fb',
  ])('%p is none', (name) => {
    expect(() => parseName(name)).toThrow(refusal('NAME_INVALID'));
  });

  test('has at most 255 characters, and 128 before its first slash', () => {
    expect(parseName(`a/${'b'.repeat(253)}`).name).toHaveLength(255);
    expect(() => parseName(`a/${'b'.repeat(254)}`)).toThrow(refusal('NAME_INVALID'));
    expect(() => parseName('a'.repeat(129))).toThrow(refusal('NAME_INVALID'));
  });

  test('takes no long time to refuse, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '-', '_', '.', '/', 'A'), { maxLength: 255 }), (characters) => {
        const text = characters.join('');
        try {
          expect(parseName(text).name).toBe(text);
        } catch (error) {
          expect(error).toEqual(refusal('NAME_INVALID'));
        }
      }),
    );
  });
});

describe('a tag', () => {
  test.each(['latest', '1.0', '_x', 'A-b.c_D', 'x'.repeat(128)])('%s is one', (tag) => expect(parseTag(tag)).toBe(tag));
  test.each(['', '.a', '-a', 'a:b', 'a/b', 'a b', 'x'.repeat(129)])('%p is none', (tag) => {
    expect(() => parseTag(tag)).toThrow(refusal('TAG_INVALID'));
  });
});

describe('a digest', () => {
  test('is of sha256 or sha512, in lower-case digits', () => {
    expect(parseDigest(`sha256:${'a1'.repeat(32)}`).hex).toBe('a1'.repeat(32));
    expect(parseDigest(`sha512:${'0f'.repeat(64)}`).algorithm).toBe('sha512');
  });

  test.each([
    '',
    'sha256:',
    `sha256:${'a'.repeat(63)}`,
    `sha256:${'a'.repeat(65)}`,
    `sha256:${'A'.repeat(64)}`,
    `sha512:${'a'.repeat(64)}`,
    `md5:${'a'.repeat(32)}`,
    'sha256:baddigeststring',
  ])('%p is none', (text) => {
    expect(() => parseDigest(text)).toThrow(refusal('DIGEST_INVALID'));
  });
});
