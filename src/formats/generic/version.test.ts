import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { compareVersions } from './version.ts';

describe('generic versions', () => {
  test('are ordered as people expect', () => {
    const ordered = [
      '0.9',
      '1.0-alpha',
      '1.0-alpha.2',
      '1.0-beta1',
      '1.0-rc1',
      '1.0rc2',
      '1.0',
      '1.0-hotfix',
      '1.0+build5',
      '1.0.1',
      '1.2',
      '1.9',
      '1.10',
      'v2.0',
      '2024.01.31',
    ];
    const shuffled = [...ordered].sort((a, b) => (a < b ? 1 : -1));
    expect(shuffled.sort(compareVersions)).toEqual(ordered);
  });

  test('compare numbers longer than a double', () => {
    expect(compareVersions('20240131235959000001', '20240131235959000002')).toBe(-1);
  });

  const version = fc.string({
    unit: fc.constantFrom('0', '1', '9', '10', '.', '-', 'a', 'rc', 'v', '+', '~', 'x', 'Z'),
    maxLength: 8,
  });

  test('have one order: comparing the other way round gives the opposite', () => {
    fc.assert(
      fc.property(version, version, (a, b) => Math.sign(compareVersions(a, b)) === -Math.sign(compareVersions(b, a))),
    );
  });

  test('have one order: what lies between lies between', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });
});
