import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { matchesGlob } from './glob.ts';

/** What the two signs mean, without a thought of speed. */
function matchesSlowly(glob: string, text: string): boolean {
  if (glob === '') return text === '';
  const rest = glob.slice(1);
  if (glob[0] === '*') return matchesSlowly(rest, text) || (text !== '' && matchesSlowly(glob, text.slice(1)));
  return text !== '' && (glob[0] === '?' || glob[0] === text[0]) && matchesSlowly(rest, text.slice(1));
}

describe('a glob', () => {
  test.each([
    ['*', ''],
    ['*', 'pypi/tools'],
    ['pypi/*', 'pypi/tools'],
    ['pypi/team-?', 'pypi/team-1'],
    ['*/*-dev', 'generic/a-dev-dev'],
    ['a.b', 'a.b'],
    ['[ab]', '[ab]'],
    ['*', 'a\nb'],
  ])('%p matches %p', (glob, text) => {
    expect(matchesGlob(glob, text)).toBe(true);
  });

  test.each([
    ['', 'a'],
    ['?', ''],
    ['pypi/*', 'generic/tools'],
    ['pypi/tools', 'pypi/tools2'],
    ['a.b', 'axb'],
    ['*a', 'ab'],
  ])('%p does not match %p', (glob, text) => {
    expect(matchesGlob(glob, text)).toBe(false);
  });

  test('matches what its definition says', () => {
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 10 });
    fc.assert(
      fc.property(glob, text, (pattern, candidate) => {
        expect(matchesGlob(pattern, candidate)).toBe(matchesSlowly(pattern, candidate));
      }),
      { numRuns: 2000 },
    );
  });

  test('with fifty stars is decided about a text of ten thousand characters', () => {
    const glob = `${'*a'.repeat(50)}b`;
    expect(matchesGlob(glob, 'a'.repeat(10_000))).toBe(false);
    expect(matchesGlob(glob, `${'a'.repeat(10_000)}b`)).toBe(true);
  });
});
