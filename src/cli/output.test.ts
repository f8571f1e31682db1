import { describe, expect, test } from 'bun:test';
import { DXFUnauthorizedError } from '../client/dxf/dxf-errors.ts';
import { RegistryError, RegistryUnauthorizedError } from '../client/oci/registry-error.ts';
import { PackyardClientError } from '../client/packyard-client-error.ts';
import { formatBytes } from './byte-size.ts';
import { printable, printableLine } from './printable.ts';
import { Progress } from './progress.ts';
import { reportError } from './report-error.ts';
import { table } from './table.ts';
import { testIo } from './test-io.ts';

describe('an error report', () => {
  const error = new PackyardClientError('forbidden', 'no \u001b[31mway', {
    status: 403,
    hint: 'ask',
    requestId: 'r1',
    cause: new Error('outer', { cause: new Error('inner') }),
  });

  test('says what, why, what to do and how to find it, and obeys no control character', () => {
    const io = testIo();
    reportError(io, error, false);
    expect(io.err).toEqual(['error: no \\u001b[31mway', 'cause: inner', 'try: ask', 'request id: r1']);
    expect(io.out).toEqual([]);
  });

  test('of a registry has the request id of a Packyard server, and tells where a command takes what is missing', () => {
    const io = testIo();
    const detail = { requestId: 'r2' };
    reportError(
      io,
      new RegistryUnauthorizedError('UNAUTHORIZED', 'no', { status: 401, detail, hint: 'log in' }),
      false,
    );
    reportError(io, new DXFUnauthorizedError({ hint: 'log in' }), false);
    reportError(io, new RegistryError('insecure_login', 'no TLS', { hint: 'use allowInsecureLogin' }), false);
    expect(io.err).toEqual([
      'error: no',
      'try: for oci/NAME set PACKYARD_TOKEN, for another registry call `docker login HOST`',
      'request id: r2',
      'error: unauthorized',
      'try: check DXF_USERNAME and DXF_PASSWORD; a token in DXF_TOKEN lasts only minutes: dxf auth gets a new one',
      'error: no TLS',
      'try: reach the registry by https',
    ]);
  });

  test('is one object on standard error with --json', () => {
    const io = testIo();
    reportError(io, error, true);
    expect(JSON.parse(io.err.join())).toEqual({
      error: { code: 'forbidden', message: 'no \u001b[31mway', cause: 'inner', hint: 'ask', requestId: 'r1' },
    });
  });
});

describe('text for a terminal', () => {
  test('shows control and direction characters instead of obeying them', () => {
    expect(printable('a\u001b[2J\u009b\u202e\r\nb')).toBe('a\\u001b[2J\\u009b\\u202e\\u000d\nb');
    expect(printableLine('a\nb')).toBe('a\\nb');
  });

  test('is aligned in columns, also where letters are wide', () => {
    expect(
      table(
        ['NAME', 'SIZE'],
        [
          ['日本', '1'],
          ['a', '22'],
        ],
      ),
    ).toBe('NAME  SIZE\n日本  1\na     22');
  });

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [99_950, '100 kB'],
    [999_999, '1.0 MB'],
    [5_300_000_000, '5.3 GB'],
  ])('%d bytes are %s', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected);
  });
});

describe('progress', () => {
  test('moves one line on a terminal and takes it away at the end', () => {
    const io = testIo({ interactive: true });
    let now = 0;
    const progress = new Progress(io, 'a.whl', 10_000_000, () => now);
    for (now of [50, 1000, 1050]) progress.update(now * 5000);
    progress.finish();
    expect(io.err).toEqual(['\r\u001b[Ka.whl: 50 % of 10.0 MB, 5.0 MB/s, 1 s left', '\r\u001b[K']);
  });

  test('is a line every ten seconds elsewhere', () => {
    const io = testIo();
    let now = 0;
    const progress = new Progress(io, 'a.whl', 1_000_000_000, () => now);
    for (now of [1000, 10_000, 15_000, 20_000]) progress.update(now * 10_000);
    progress.finish();
    expect(io.err).toEqual([
      'a.whl: 10 % of 1.0 GB, 10.0 MB/s, 1 min 30 s left',
      'a.whl: 20 % of 1.0 GB, 10.0 MB/s, 1 min 20 s left',
    ]);
  });

  test('of what has no known size tells how much there was', () => {
    const io = testIo({ interactive: true });
    let now = 0;
    const progress = new Progress(io, 'standard input', undefined, () => now);
    now = 1000;
    progress.update(5_000_000);
    expect(io.err).toEqual(['\r\u001b[Kstandard input: 5.0 MB, 5.0 MB/s']);
  });
});
