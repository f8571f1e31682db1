import { describe, expect, test } from 'bun:test';
import { newestVersions } from './newest-versions.ts';

function newest(format: string, ...versions: string[]): string[] {
  const candidates = versions.map((text) => ({ version: text.replace('!', ''), yanked: text.endsWith('!') }));
  return [...newestVersions(format, candidates)].sort();
}

describe('the versions that clients choose by themselves', () => {
  test('are the newest in the order of the format, not of the alphabet', () => {
    expect(newest('pypi', '1.9', '1.10', '1.2')).toEqual(['1.10']);
    expect(newest('generic', '1.9', '1.10', '1.2')).toEqual(['1.10']);
  });

  test('are the newest release beside a newer pre-release', () => {
    expect(newest('pypi', '1.0', '2.0', '3.0rc1', '3.0.dev1')).toEqual(['2.0', '3.0rc1']);
  });

  test('are also what is left when the newest are yanked', () => {
    expect(newest('pypi', '1.0', '2.0!', '3.0a1!', '3.0a2!')).toEqual(['1.0', '2.0', '3.0a2']);
  });

  test('are none of a package without versions, and none of a format that is not known', () => {
    expect(newest('pypi')).toEqual([]);
    expect(newest('floppy', '1.0')).toEqual([]);
  });
});
