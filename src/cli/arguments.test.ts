import { describe, expect, test } from 'bun:test';
import { parseExpiry } from './duration.ts';
import { parseKeyValue } from './key-value.ts';
import { parsePackageVersion } from './package-version.ts';
import { parseRepository } from './repository-argument.ts';
import { formatScope, parseScope } from './scopes.ts';
import { UsageError } from './usage-error.ts';

describe('a scope', () => {
  test.each([
    ['pypi/tools:read,write', { repository: 'pypi/tools', actions: ['read', 'write'] }],
    ['*:admin', { repository: '*', actions: ['admin'] }],
    ['oci/a:b:read', { repository: 'oci/a:b', actions: ['read'] }],
    ['pypi/*:read,read', { repository: 'pypi/*', actions: ['read'] }],
  ] as const)('%s is read', (text, expected) => {
    expect(parseScope(text)).toEqual({ ...expected, actions: [...expected.actions] });
  });

  test('is written the way it is read', () => {
    expect(formatScope(parseScope('pypi/tools:read,write'))).toBe('pypi/tools:read,write');
  });

  test.each(['pypi/tools', ':read', 'pypi/tools:', 'pypi/tools:read,', ''])('%p is refused', (text) => {
    expect(() => parseScope(text)).toThrow(UsageError);
  });

  test('with a mistyped action names the right one', () => {
    expect(() => parseScope('pypi/tools:raed')).toThrow(expect.objectContaining({ hint: 'read' }));
  });
});

describe('a time of expiry', () => {
  const now = new Date('2026-01-01T00:00:00Z');

  test.each([
    ['30m', '2026-01-01T00:30:00.000Z'],
    ['12h', '2026-01-01T12:00:00.000Z'],
    ['90d', '2026-04-01T00:00:00.000Z'],
    ['2w', '2026-01-15T00:00:00.000Z'],
    ['1y', '2027-01-01T00:00:00.000Z'],
    ['2030-01-31', '2030-01-31T00:00:00.000Z'],
    ['2030-01-31T10:00:00+02:00', '2030-01-31T08:00:00.000Z'],
  ])('%s is read', (text, expected) => {
    expect(parseExpiry(text, now).toISOString()).toBe(expected);
  });

  test.each(['90', 'd', '-1d', '1.5d', '0d', '90 days', '2030-13-01', '2020-01-01', 'tomorrow', '999999y', ''])(
    '%p is refused',
    (text) => {
      expect(() => parseExpiry(text, now)).toThrow(UsageError);
    },
  );
});

describe('a package with version', () => {
  test.each([
    ['tool@1.0', { package: 'tool', version: '1.0' }],
    ['@scope/tool@1.0', { package: '@scope/tool', version: '1.0' }],
    ['tool@1!2.0+local', { package: 'tool', version: '1!2.0+local' }],
  ])('%s is read', (text, expected) => {
    expect(parsePackageVersion(text)).toEqual(expected);
  });

  test.each(['tool', '@1.0', 'tool@', ''])('%p is refused', (text) => {
    expect(() => parsePackageVersion(text)).toThrow(UsageError);
  });
});

describe('key=value and repository', () => {
  test('a value may hold further equal signs and may be empty', () => {
    expect(parseKeyValue('a=b=c')).toEqual(['a', 'b=c']);
    expect(parseKeyValue('a=')).toEqual(['a', '']);
    expect(() => parseKeyValue('bad')).toThrow(UsageError);
    expect(() => parseKeyValue('=x')).toThrow(UsageError);
  });

  test('a repository is FORMAT/NAME', () => {
    expect(parseRepository('pypi/tools')).toEqual({ format: 'pypi', name: 'tools' });
    for (const bad of ['tools', '/tools', 'pypi/', 'pypi/a/b', 'pypi/..']) {
      expect(() => parseRepository(bad)).toThrow(UsageError);
    }
  });
});
