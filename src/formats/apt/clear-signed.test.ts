import { describe, expect, test } from 'bun:test';
import { unwrapSigned } from './clear-signed.ts';
import { expectRefusal } from './fixtures/refusals.ts';
import { clearSigned } from './fixtures/source-writer.ts';

const unwrap = (text: string): string => unwrapSigned(text, 'the .dsc file');

test('text that is not signed comes back as it is', () => {
  expect(unwrap('Source: demo\n')).toBe('Source: demo\n');
});

test('signed text comes back without its signature and its escaped dashes', () => {
  expect(unwrap(clearSigned('Source: demo\n- a\n--b\n'))).toBe('Source: demo\n- a\n--b\n\n');
});

test('several lines of Hash, and empty lines behind the signature, are fine', () => {
  const text = clearSigned('A: 1\n').replace('Hash: SHA512\n', 'Hash: SHA512\nHash: SHA256\n');
  expect(unwrap(`${text}\n\n`)).toBe('A: 1\n\n');
});

describe('a signed text is refused', () => {
  const good = clearSigned('Source: demo\n');

  test.each([
    ['with text before it', `Source: evil\n\n${good}`, /text before/],
    ['with an empty line before it', `\n${good}`, /text before/],
    ['with text behind it', `${good}Source: evil\n`, /text behind/],
    ['with a second one behind it', good + good, /text behind/],
    ['with a second one inside', good.replace('Source: demo', good), /unescaped dash/],
    ['with text in its head', good.replace('Hash: SHA512', 'Source: evil'), /empty line/],
    ['with blanks where an empty line has to be', good.replace('SHA512\n\n', 'SHA512\n \n'), /empty line/],
    ['with an unescaped dash', good.replace('Source: demo', '-Source: demo'), /unescaped dash/],
    ['without a signature', good.replace(/-----BEGIN PGP SIGNATURE[\s\S]*/, ''), /signature is missing/],
    ['with a signature that is cut off', good.replace(/-----END[\s\S]*/, ''), /cut off/],
    [
      'with something else in its signature',
      good.replace('=kNoz', '-----BEGIN PGP SIGNED MESSAGE-----'),
      /something else/,
    ],
    ['that is nothing but a signature', good.replace(/^[\s\S]*(?=-----BEGIN PGP SIGNATURE)/, ''), /text before/],
  ])('%s', (_, text, message) => expectRefusal(() => unwrap(text), message));
});
