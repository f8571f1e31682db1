import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  canonicalVersion,
  compareVersions,
  isPreRelease,
  isProjectName,
  isReleaseOf,
  normalizeName,
  sameVersion,
} from './version.ts';

const PACKAGING = `
import json, sys
from packaging.utils import canonicalize_name
from packaging.version import Version, InvalidVersion
def parse(text):
    try: return Version(text)
    except InvalidVersion: return None
asked = json.load(sys.stdin)
pairs = [(parse(a), parse(b)) for a, b in asked["pairs"]]
json.dump({
  "names": [canonicalize_name(name) for name in asked["names"]],
  "versions": [None if a is None else str(a) for a, _ in pairs],
  "orders": [None if a is None or b is None else (a > b) - (a < b) for a, b in pairs],
  "pre": [None if a is None else a.is_prerelease for a, _ in pairs],
}, sys.stdout)
`;

interface Verdict {
  readonly names: readonly string[];
  readonly versions: readonly (string | null)[];
  readonly orders: readonly (number | null)[];
  readonly pre: readonly (boolean | null)[];
}

const hasPackaging = Bun.spawnSync(['sh', '-c', "python3 -c 'import packaging'"]).exitCode === 0;

function askPackaging(question: object): Verdict {
  const { stdout, stderr, exitCode } = Bun.spawnSync(['python3', '-c', PACKAGING], {
    stdin: Buffer.from(JSON.stringify(question)),
  });
  if (exitCode !== 0) throw new Error(stderr.toString());
  return JSON.parse(stdout.toString());
}

const number = fc.oneof(
  fc.constantFrom('0', '1', '2', '10', '00', '01', '9007199254740993', '9007199254740992', '20261121123456789012345'),
  fc.nat({ max: 30 }).map(String),
);
const separator = fc.constantFrom('', '.', '-', '_');
const optional = (part: fc.Arbitrary<string>) => fc.oneof({ weight: 2, arbitrary: fc.constant('') }, part);
const labelled = (...labels: string[]) =>
  fc.tuple(separator, fc.constantFrom(...labels), separator, optional(number)).map((parts) => parts.join(''));
const localPart = fc.oneof(number, fc.constantFrom('ubuntu', 'a', 'B', '1e5', '12e4567', '0x10', 'infinity', 'abc1'));

const version = fc
  .tuple(
    optional(fc.constant('v')),
    optional(number.map((text) => `${text}!`)),
    fc.array(number, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.')),
    optional(labelled('a', 'b', 'c', 'rc', 'alpha', 'beta', 'pre', 'preview', 'RC', 'Alpha')),
    optional(
      fc.oneof(
        labelled('post', 'rev', 'r', 'POST'),
        number.map((text) => `-${text}`),
      ),
    ),
    optional(labelled('dev', 'DEV')),
    optional(
      fc
        .tuple(localPart, fc.array(fc.tuple(fc.constantFrom('.', '-', '_'), localPart), { maxLength: 2 }))
        .map(([first, rest]) => `+${first}${rest.flat().join('')}`),
    ),
  )
  .map((parts) => parts.join(''));
const almostVersion = fc.oneof({ weight: 8, arbitrary: version }, fc.stringMatching(/^[0-9a-c.!+_rpostdev-]{0,12}$/));
/** Versions that differ little from one another, where the order is decided by the finer rules. */
const pair = fc.oneof(
  fc.tuple(almostVersion, almostVersion),
  fc
    .tuple(version, fc.constantFrom('.0', '.dev1', 'a1', '.post1', '+1', '+a', '+1.a'))
    .map(([base, end]): [string, string] => [base, base + end]),
);
const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,20}$/);

describe(`compared with Python's packaging${hasPackaging ? '' : ' (skipped: python3 has no module packaging)'}`, () => {
  test.skipIf(!hasPackaging)('names, versions and their order are the same', () => {
    const seed = Date.now() & 0x7fffffff;
    const names = fc.sample(name, { numRuns: 500, seed });
    const pairs = fc.sample(pair, { numRuns: 6000, seed });
    const verdict = askPackaging({ names, pairs });
    const differences: unknown[] = [];
    const expectSame = (what: string, input: unknown, ours: unknown, theirs: unknown) => {
      if (ours !== theirs) differences.push({ seed, what, input, ours, theirs });
    };
    for (const [index, input] of names.entries()) {
      expectSame('name', input, normalizeName(input), verdict.names[index]);
    }
    for (const [index, [left, right]] of pairs.entries()) {
      const theirs = verdict.versions[index] ?? undefined;
      expectSame('version', left, canonicalVersion(left), theirs);
      if (theirs !== undefined) expectSame('pre-release', left, isPreRelease(left), verdict.pre[index]);
      const order = verdict.orders[index] ?? undefined;
      if (order !== undefined) {
        expectSame('order', [left, right], Math.sign(compareVersions(left, right)), order);
        expectSame('sameness', [left, right], sameVersion(left, right), order === 0);
      }
    }
    expect(differences.slice(0, 5)).toEqual([]);
  });
});

describe('the order of versions', () => {
  test('is the one that PEP 440 shows', () => {
    const ordered = [
      'not a version',
      'worse',
      '1.0.dev456',
      '1.0a1',
      '1.0a2.dev456',
      '1.0a12.dev456',
      '1.0a12',
      '1.0b1.dev456',
      '1.0b2',
      '1.0b2.post345.dev456',
      '1.0b2.post345',
      '1.0rc1.dev456',
      '1.0rc1',
      '1.0',
      '1.0+abc.5',
      '1.0+abc.7',
      '1.0+5',
      '1.0.post456.dev34',
      '1.0.post456',
      '1.0.15',
      '1.1.dev1',
      '1!0.1',
    ];
    expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
  });

  test('is antisymmetric and transitive for any text', () => {
    const text = fc.oneof(almostVersion, fc.string());
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
        const [first = '', second = '', third = ''] = [a, b, c].sort(compareVersions);
        expect(compareVersions(first, second)).toBeLessThanOrEqual(0);
        expect(compareVersions(second, third)).toBeLessThanOrEqual(0);
        expect(compareVersions(first, third)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('the normal form', () => {
  test('of a version is its own normal form', () => {
    fc.assert(
      fc.property(version, (text) => {
        const canonical = canonicalVersion(text) ?? '';
        expect(canonicalVersion(canonical)).toBe(canonical);
        expect(sameVersion(canonical, text)).toBe(true);
      }),
    );
  });

  test('of a name is its own normal form', () => {
    fc.assert(fc.property(name, (text) => expect(normalizeName(normalizeName(text))).toBe(normalizeName(text))));
  });

  test('does not exist for text of any length that is no version', () => {
    expect(canonicalVersion(`1${'.0'.repeat(100_000)}x`)).toBeUndefined();
    expect(canonicalVersion(`1.0${'-'.repeat(150)}`)).toBeUndefined();
  });
});

test('a project name has letters, digits, dots, underscores and dashes, with a letter or digit at both ends', () => {
  expect(['a', 'A1', 'zope.interface', 'a__b--c', 'a'.repeat(200)].filter(isProjectName)).toHaveLength(5);
  expect(isProjectName('a'.repeat(201))).toBe(false);
  expect(
    ['', '-a', 'a-', '.', '..', 'a b', 'a/b', 'a%2fb', 'ä', 'a\0', 'a\n', '+simple'].filter(isProjectName),
  ).toEqual([]);
});

test('a release is recognised in its post and local versions, and in nothing else', () => {
  expect(isReleaseOf('4.0.0', '4.0.0.post3')).toBe(true);
  expect(isReleaseOf('4.0', '4.0.0.post3+local.1')).toBe(true);
  expect(isReleaseOf('1!4.0rc1', '1!4.0rc1.post1')).toBe(true);
  expect(isReleaseOf('4.0.0', '4.0.1.post3')).toBe(false);
  expect(isReleaseOf('4.0.0', '4.0.0rc1')).toBe(false);
  expect(isReleaseOf('', '4.0.0')).toBe(false);
  expect(isReleaseOf('4.0.0', 'unknown')).toBe(false);
});
