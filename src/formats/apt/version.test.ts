import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { expectRefusal } from './fixtures/refusals.ts';
import { runTool, toolTest } from './fixtures/tool-test.ts';
import {
  compareVersions,
  isArchitecture,
  isComponent,
  isDistribution,
  isPackageName,
  normalizeName,
  parseVersion,
} from './version.ts';

/** Few characters, so that versions come near to each other. */
const piece = fc
  .array(fc.constantFrom('0', '1', '9', '00', '10', 'a', 'Z', '.', '+', '~', '~~', '.0'), { maxLength: 6 })
  .map((parts) => parts.join(''));
const version = fc
  .tuple(fc.constantFrom('', '0:', '1:', '00:', '12:'), fc.constantFrom('0', '1', '10', '01'), piece, fc.option(piece))
  .map(([epoch, digit, upstream, revision]) => `${epoch}${digit}${upstream}${revision ? `-${revision}` : ''}`);
const upstreamWithHyphens = fc.tuple(version, piece).map(([text, rest]) => (rest === '' ? text : `${text}-${rest}`));
const anyVersion = fc.oneof(version, upstreamWithHyphens);

function sample(count: number): [string, string][] {
  return fc.sample(fc.tuple(anyVersion, anyVersion), { numRuns: count, seed: 20_261_125 });
}

/** Which of two is older by dpkg, without the text that decides between spellings. */
function isOlder(left: string, right: string): boolean {
  return compareVersions(left, right) < 0;
}

describe('the order of versions', () => {
  test('is the one of Debian Policy', () => {
    const ordered = ['~~', '~~a', '~', '', 'a'].map((rest) => `1${rest}`);
    expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
    const releases = [
      '1.0~rc1',
      '1.0~rc1-1',
      '1.0',
      '1.0-1',
      '1.0-1+b1',
      '1.0-1.1',
      '1.0a',
      '1.0+dfsg',
      '1.2',
      '1.10',
      '1:0.1',
    ];
    expect([...releases].reverse().sort(compareVersions)).toEqual(releases);
  });

  test('puts spellings of one version in the order of their text, so that it is total', () => {
    for (const [left, right] of [
      ['1.0', '0:1.0'],
      ['1.0', '1.0-0'],
      ['1.0', '1.00'],
      ['1.0-1', '00:1.0-01'],
    ] as const) {
      expect(Math.sign(compareVersions(left, right))).toBe(left < right ? -1 : 1);
      expect(Math.sign(compareVersions(right, left))).toBe(left < right ? 1 : -1);
    }
    expect(compareVersions('1.0', '1.0')).toBe(0);
  });

  test('is antisymmetric and transitive for any text', () => {
    const text = fc.oneof(anyVersion, fc.string(), fc.string({ unit: fc.constantFrom('1', ':', '-', '~', 'a', '.') }));
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
        expect(compareVersions(a, b) === 0).toBe(a === b);
        const [first = '', second = '', third = ''] = [a, b, c].sort(compareVersions);
        expect(compareVersions(first, second)).toBeLessThanOrEqual(0);
        expect(compareVersions(second, third)).toBeLessThanOrEqual(0);
        expect(compareVersions(first, third)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('takes numbers of any length', () => {
    expect(isOlder('1.99999999999999999998', '1.99999999999999999999')).toBe(true);
    expect(isOlder('99999999999999999999:1', '100000000000000000000:1')).toBe(true);
  });

  toolTest('agrees with dpkg', ['dpkg', 'sh'], () => {
    const pairs = sample(1000).filter(([left, right]) => isValid(left) && isValid(right));
    expect(pairs.length).toBeGreaterThan(300);
    // dpkg compares one pair in each process.
    const script =
      'while read -r a b; do for o in lt eq gt; do dpkg --compare-versions "$a" $o "$b" && echo $o; done; done; true';
    const input = pairs.slice(0, 400).map((pair) => `${pair.join(' ')}\n`);
    expectAgreement(
      pairs.slice(0, 400),
      runTool(['sh', '-c', script], { input: input.join('') })
        .trim()
        .split('\n'),
    );
  });

  toolTest('agrees with dpkg-dev on thousands', ['perl', 'dpkg-source'], () => {
    const pairs = sample(20_000).filter(([left, right]) => isValid(left) && isValid(right));
    const script = 'while (<STDIN>) { chomp; my ($a, $b) = split / /; print version_compare($a, $b), "\n" }';
    const answers = runTool(['perl', '-MDpkg::Version', '-e', script], {
      input: pairs.map((pair) => `${pair.join(' ')}\n`).join(''),
    });
    const words: Readonly<Record<string, string>> = { '-1': 'lt', '0': 'eq', '1': 'gt' };
    expectAgreement(
      pairs,
      answers
        .trim()
        .split('\n')
        .map((answer) => words[answer] ?? answer),
    );
  });
});

function expectAgreement(pairs: readonly (readonly [string, string])[], answers: readonly string[]): void {
  expect(answers).toHaveLength(pairs.length);
  const wrong = pairs.filter(([left, right], index) => {
    const order = Math.sign(compareVersions(left, right));
    const byText = left === right ? 0 : left < right ? -1 : 1;
    return order !== { lt: -1, eq: byText, gt: 1 }[answers[index] ?? ''];
  });
  expect(wrong.slice(0, 5)).toEqual([]);
}

function isValid(text: string): boolean {
  try {
    parseVersion(text);
    return true;
  } catch {
    return false;
  }
}

describe('a version', () => {
  test('is taken apart at its first colon and its last hyphen', () => {
    expect(parseVersion('1.0')).toEqual({ epoch: 0, upstream: '1.0', revision: undefined });
    expect(parseVersion('2:1.0-rc1-3~deb12u1')).toEqual({ epoch: 2, upstream: '1.0-rc1', revision: '3~deb12u1' });
    expect(parseVersion('1:2:3-0')).toEqual({ epoch: 1, upstream: '2:3', revision: '0' });
    expect(parseVersion('2147483647:0').epoch).toBe(2_147_483_647);
    expect(parseVersion(`1${'0'.repeat(199)}`).upstream).toHaveLength(200);
  });

  test.each([
    ['', /is empty/],
    [':1', /not a number/],
    ['a:1', /not a number/],
    ['-1:1', /not a number/],
    [' 1', /does not begin with a digit/],
    ['1:', /is empty/],
    ['2147483648:1', /greater than/],
    ['99999999999999999999:1', /greater than/],
    ['1-', /nothing follows/],
    ['-1', /is empty/],
    ['v1', /does not begin with a digit/],
    ['1:a', /does not begin with a digit/],
    ['1/2', /contains "\/"/],
    ['1..\\2', /contains/],
    ['1_2', /contains "_"/],
    ['1 2', /contains " "/],
    ['1\n', /contains "\\n"/],
    ['1\u00e4', /contains "ä"/],
    ['1-a_b', /contains "_"/],
    ['1-1:1', /not a number/],
    [`1${'0'.repeat(200)}`, /longer than 200/],
  ])('%j is none', (text, message) => expectRefusal(() => parseVersion(text), message));

  toolTest('is what dpkg takes for one', ['dpkg', 'sh'], () => {
    const text = fc.string({
      unit: fc.constantFrom('0', '1', 'a', '.', '-', '~', '+', ':', '_', '/'),
      minLength: 1,
      maxLength: 6,
    });
    const texts = fc.sample(text, { numRuns: 300, seed: 20_261_125 }).filter((each) => !each.startsWith('-'));
    const script = 'while read -r a; do dpkg --validate-version -- "$a" >/dev/null 2>&1 && echo yes || echo no; done';
    const answers = runTool(['sh', '-c', script], { input: texts.map((each) => `${each}\n`).join('') })
      .trim()
      .split('\n');
    const wrong = texts.filter((each, index) => isValid(each) !== (answers[index] === 'yes'));
    expect(wrong).toEqual([]);
  });
});

describe('names', () => {
  test('of packages are lower case, two characters or more', () => {
    expect(
      ['a1', '0ad', 'libstdc++6', 'g++-12', 'python3.11', 'a'.repeat(200)].filter((name) => !isPackageName(name)),
    ).toEqual([]);
    expect(
      ['', 'a', 'A1', 'a_b', '-ab', '.ab', '+ab', 'a/b', 'a b', 'ab\n', 'ä1', 'a'.repeat(201)].filter(isPackageName),
    ).toEqual([]);
  });

  test('of packages have one spelling', () => expect(normalizeName('libstdc++6')).toBe('libstdc++6'));

  test('of architectures are no wildcards', () => {
    expect(
      ['all', 'amd64', 'kfreebsd-amd64', 'musl-linux-riscv64', 'many'].filter((name) => !isArchitecture(name)),
    ).toEqual([]);
    const wrong = [
      '',
      'any',
      'linux-any',
      'any-amd64',
      'source',
      'AMD64',
      '-a',
      'a_b',
      'a b',
      'a.b',
      'a\n',
      '../a',
      'a'.repeat(65),
    ];
    expect(wrong.filter(isArchitecture)).toEqual([]);
  });

  test('of distributions and components are one folder', () => {
    expect(
      ['bookworm', 'stable-updates', '24.04', 'A_b+c~d', 'a'.repeat(64)].filter((name) => !isDistribution(name)),
    ).toEqual([]);
    const wrong = [
      '',
      '.',
      '..',
      '.a',
      'a..b',
      'a/b',
      '/a',
      'a/',
      'a b',
      'a\n',
      '-a',
      '~a',
      'ä',
      'a%2fb',
      'a'.repeat(65),
    ];
    expect(wrong.filter(isDistribution)).toEqual([]);
    expect(wrong.filter(isComponent)).toEqual([]);
    expect(['main', 'non-free-firmware'].filter((name) => !isComponent(name))).toEqual([]);
  });
});
