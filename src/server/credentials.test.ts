import { describe, expect, test } from 'bun:test';
import { readSecret } from './credentials.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the secret of a request', () => {
  test('is the password, whatever the user name', () => {
    expect(readSecret(basic('__token__:pky_1'))).toBe('pky_1');
    expect(readSecret(basic('anybody:pky_1'))).toBe('pky_1');
    expect(readSecret(basic(':pky_1'))).toBe('pky_1');
  });
  test('may stand in the place of the user name', () => {
    expect(readSecret(basic('pky_1:'))).toBe('pky_1');
  });
  test('may be a Bearer token', () => {
    expect(readSecret('Bearer pky_1')).toBe('pky_1');
    expect(readSecret('bearer pky_1')).toBe('pky_1');
  });
  test('is not there without a header, and without user name and password', () => {
    expect(readSecret(null)).toBeUndefined();
    expect(readSecret(basic(':'))).toBeUndefined();
  });
  test('may have any white space around it', () => {
    expect(readSecret(' Bearer \t pky_1 ')).toBe('pky_1');
    expect(readSecret(`Basic   ${Buffer.from('me:pky_1').toString('base64')} `)).toBe('pky_1');
  });
  test('is looked for once, however long the header', () => {
    expect(() => readSecret(`${'a'.repeat(1_000_000)} b c`)).toThrow('neither Basic nor Bearer');
    expect(() => readSecret(`${' '.repeat(1_000_000)}a b c`)).toThrow('neither Basic nor Bearer');
  });
  test.each(['Bearer a b', 'Bearerpky_1', 'Digest x', 'Basic', 'Basic bm9jb2xvbg==', 'Bearer', ''])(
    'cannot be read from %p',
    (header) => {
      expect(() => readSecret(header)).toThrow('neither Basic nor Bearer');
    },
  );
});
