import { describe, expect, test } from 'bun:test';
import {
  RegistryConnectionError,
  RegistryDigestError,
  RegistryError,
  RegistryNotFoundError,
  RegistryUnauthorizedError,
} from '../client/oci/registry-error.ts';
import { PackyardClientError } from '../client/packyard-client-error.ts';
import { PackyardError } from '../model/errors.ts';
import { exitCodeOf, worstExitCode } from './exit-codes.ts';
import { UsageError } from './usage-error.ts';

describe('the exit code', () => {
  test.each([
    ['forbidden', 4],
    ['unauthenticated', 4],
    ['not_found', 3],
    ['conflict', 5],
    ['precondition_failed', 5],
    ['digest_mismatch', 6],
    ['unavailable', 7],
    ['too_many_requests', 7],
    ['internal', 1],
  ] as const)('of %s is %d, from the server as well as from here', (code, expected) => {
    expect(exitCodeOf(new PackyardError(code, ''))).toBe(expected);
    expect(exitCodeOf(new PackyardClientError(code, '', { status: 400 }))).toBe(expected);
  });

  test('is 2 for a wrong setting here, but 1 when the server finds something wrong with what was sent', () => {
    expect(exitCodeOf(new UsageError(''))).toBe(2);
    expect(exitCodeOf(new PackyardError('invalid_request', ''))).toBe(2);
    expect(exitCodeOf(new PackyardClientError('invalid_request', '', { status: 400 }))).toBe(1);
  });

  test('is 7 when nobody answers and 1 for what is not foreseen', () => {
    expect(exitCodeOf(new PackyardClientError('connection_failed', ''))).toBe(7);
    expect(exitCodeOf(new PackyardClientError('a_code_of_the_future', '', { status: 418 }))).toBe(1);
    expect(exitCodeOf(new TypeError())).toBe(1);
    expect(exitCodeOf('thrown text')).toBe(1);
  });

  test.each([
    [new RegistryUnauthorizedError('UNAUTHORIZED', '', { status: 401 }), 4],
    [new RegistryUnauthorizedError('DENIED', '', { status: 403 }), 4],
    [new RegistryError('insecure_login', ''), 4],
    [new RegistryError('no_credentials', ''), 4],
    [new RegistryNotFoundError('BLOB_UNKNOWN', '', { status: 404 }), 3],
    [new RegistryError('DENIED', '', { status: 409 }), 5],
    [new RegistryError('DIGEST_INVALID', '', { status: 400 }), 6],
    [new RegistryDigestError('', '', ''), 6],
    [new RegistryConnectionError('connection_failed', ''), 7],
    [new RegistryError('TOOMANYREQUESTS', '', { status: 429, isTransient: true }), 7],
    [new RegistryError('UNKNOWN', '', { status: 507 }), 7],
    [new RegistryError('invalid_request', ''), 2],
    [new RegistryError('UNSUPPORTED', '', { status: 405 }), 1],
    [new RegistryError('unexpected_answer', ''), 1],
    [new RegistryConnectionError('cancelled', ''), 130],
  ])('of %o is %d', (error, expected) => {
    expect(exitCodeOf(error)).toBe(expected);
  });

  test('of several is the one that repetition helps least', () => {
    expect(worstExitCode([])).toBe(0);
    expect(worstExitCode([0, 0])).toBe(0);
    expect(worstExitCode([7, 0, 5])).toBe(5);
    expect(worstExitCode([7, 4, 5])).toBe(4);
    expect(worstExitCode([7, 1, 5])).toBe(1);
  });
});
