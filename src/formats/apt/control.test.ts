import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Field, formatParagraph, parseParagraphs } from './control.ts';
import { expectRefusal, refusalOf } from './fixtures/refusals.ts';

function only(text: string | Uint8Array): readonly Field[] {
  return parseParagraphs(text)[0]?.fields ?? [];
}

describe('a paragraph', () => {
  test('keeps its fields in order and in their spelling, and finds them in any', () => {
    const [paragraph] = parseParagraphs('Package: demo\nX-ODD: 1\nversion: 2\n');
    expect(paragraph?.fields.map(({ name }) => name)).toEqual(['Package', 'X-ODD', 'version']);
    expect(paragraph?.get('VERSION')).toBe('2');
    expect(paragraph?.get('x-odd')).toBe('1');
    expect(paragraph?.get('Depends')).toBeUndefined();
  });

  test('keeps the lines of a value as they are, but for blanks around all of it', () => {
    expect(only('Description:  short \t\n long  \n  .\n\ttab\n last  \n')).toEqual([
      { name: 'Description', value: 'short \t\n long  \n  .\n\ttab\n last' },
    ]);
    expect(only('Conffiles:\n /etc/a\n')).toEqual([{ name: 'Conffiles', value: '\n /etc/a' }]);
    expect(only('Depends: \t \nA:b:c\n')).toEqual([
      { name: 'Depends', value: '' },
      { name: 'A', value: 'b:c' },
    ]);
  });

  test('ends at an empty line, and any number of them count as one', () => {
    const text = '\n\nA: 1\n\n\nB: 2\n\n';
    expect(parseParagraphs(text, { maxParagraphs: 2 }).map(({ fields }) => fields)).toEqual([
      [{ name: 'A', value: '1' }],
      [{ name: 'B', value: '2' }],
    ]);
    expect(parseParagraphs('')).toEqual([]);
  });

  test('is UTF-8, and a byte order mark is part of it', async () => {
    expect(only(Buffer.from('A: ä€\u{1f600}\n'))).toEqual([{ name: 'A', value: 'ä€\u{1f600}' }]);
    await expectRefusal(() => parseParagraphs(new Uint8Array([0x41, 0x3a, 0x20, 0xe4, 0x0a])), /not UTF-8/);
    await expectRefusal(() => parseParagraphs(Buffer.from('\ufeffA: 1\n')), /no valid field name/);
  });
});

describe('a control file is refused', () => {
  test.each([
    ['with a NUL', 'A: b\0c\n', /line 1 .* control character \(U\+0000\)/],
    ['with an escape character in a continuation', 'A: b\n c\u001b[31m\n', /line 2 .* control character \(U\+001B\)/],
    ['with a form feed', 'A: b\n\f\n', /control character/],
    ['with a delete character', 'A: \u007f\n', /control character/],
    ['with a next-line character, which some readers take for a line end', 'A: b\u0085C: d\n', /control character/],
    ['with CRLF', 'A: b\r\nB: c\r\n', /carriage returns/],
    ['with a carriage return within a line', 'A: b\rB: c\n', /carriage returns/],
    ['with a field twice', 'A: 1\nB: 2\na: 3\n', /line 3 .* a second time/],
    ['with a comment', '# hello\nA: 1\n', /line 1 .* neither a field/],
    ['with a comment that looks like a field', 'A: 1\n#B: 1\n', /no valid field name/],
    ['with a name that begins with a dash', '-A: 1\n', /no valid field name/],
    ['with a blank in a name', 'A B: 1\n', /no valid field name/],
    ['with a blank before the colon', 'A : 1\n', /no valid field name/],
    ['with a name that is not ASCII', 'Ä: 1\n', /no valid field name/],
    ['with no name', ': 1\n', /no valid field name/],
    ['with a line that is nothing', 'A: 1\nhello\n', /line 2 .* neither a field/],
    ['with a continuation of nothing', ' a\n', /line 1 .* continues a field/],
    ['with a line of blanks', 'A: 1\n  \n b\n', /line 2 .* nothing but blanks/],
    ['when it is cut off in a line', 'A: 1\nB: 2', /does not end with a newline/],
    ['with a second paragraph', 'A: 1\n\nB: 2\n', /more than one paragraph/],
  ])('%s', (_, text, message) => expectRefusal(() => parseParagraphs(text), message));

  test('with more fields than any package has', async () => {
    const many = Array.from({ length: 201 }, (_, index) => `X-${index}: 1\n`).join('');
    expect((await refusalOf(() => parseParagraphs(many)))?.message).toMatch(/more than 200 fields/);
  });

  test('quickly, however long its blanks are', async () => {
    const blanks = ' '.repeat(1_000_000);
    expect(only(`A: b${blanks}c${blanks}\n`)[0]?.value).toHaveLength(1_000_002);
    await expectRefusal(() => parseParagraphs(`A: b\n${blanks}\n`), /nothing but blanks/);
  });
});

describe('writing', () => {
  const name = fc.stringMatching(/^[!"$-,.-9;-~][!-9;-~]{0,12}$/);
  const line = fc.stringMatching(/^[!-~]([ -~\t]{0,12}[!-~])?$/);
  const value = fc
    .tuple(
      fc.oneof(fc.constant(''), line),
      fc.array(fc.tuple(fc.constantFrom(' ', '\t', '  '), line), { maxLength: 4 }),
    )
    .map(([first, rest]) => [first, ...rest.map((parts) => parts.join(''))].join('\n'));
  const fields = fc.uniqueArray(fc.record({ name, value }), {
    selector: (field) => field.name.toLowerCase(),
    minLength: 1,
    maxLength: 8,
  });

  test('is the inverse of reading', () => {
    fc.assert(fc.property(fields, (given) => expect(only(formatParagraph(given))).toEqual(given)));
  });

  test('leaves nothing behind the colon of an empty field', () => {
    expect(formatParagraph(only('Depends:  \nFiles:\n a\nA:b\n'))).toBe('Depends:\nFiles:\n a\nA: b\n');
  });
});

test('reading random bytes never throws anything but a PackyardError', async () => {
  const alphabet = fc.constantFrom('A', ':', ' ', '\n', '\t', '#', '-', '\r', '\0', 'ä');
  const text = fc.oneof(
    fc.string({ unit: alphabet, maxLength: 40 }).map((each) => Buffer.from(each)),
    fc.uint8Array(),
  );
  await fc.assert(fc.asyncProperty(text, async (bytes) => void (await refusalOf(() => parseParagraphs(bytes)))));
});
