import { RegistryError, RegistryNotFoundError, RegistryUnauthorizedError } from '../client/oci/registry-error.ts';
import { PackyardClientError } from '../client/packyard-client-error.ts';
import { type ErrorCode, PackyardError } from '../model/errors.ts';
import { UsageError } from './usage-error.ts';

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  conflict: 5,
  verificationFailed: 6,
  temporary: 7,
  interrupted: 130,
} as const;

const BY_CODE: Readonly<Record<ErrorCode | 'connection_failed' | 'unexpected_answer', number>> = {
  invalid_request: EXIT.usage,
  digest_mismatch: EXIT.verificationFailed,
  unauthenticated: EXIT.notAllowed,
  forbidden: EXIT.notAllowed,
  not_found: EXIT.notFound,
  method_not_allowed: EXIT.failure,
  not_acceptable: EXIT.failure,
  conflict: EXIT.conflict,
  precondition_failed: EXIT.conflict,
  too_large: EXIT.failure,
  too_many_requests: EXIT.temporary,
  client_closed: EXIT.temporary,
  storage_full: EXIT.temporary,
  unavailable: EXIT.temporary,
  internal: EXIT.failure,
  connection_failed: EXIT.temporary,
  unexpected_answer: EXIT.failure,
};

/** The code that a command ends with after this error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof RegistryError) return ofRegistry(error);
  // What a server finds wrong is as a rule the file that was sent, not the way the command was called.
  if (error instanceof PackyardClientError && error.status !== undefined && error.code === 'invalid_request')
    return EXIT.failure;
  if (!(error instanceof PackyardError || error instanceof PackyardClientError)) return EXIT.failure;
  return isKnown(error.code) ? BY_CODE[error.code] : EXIT.failure;
}

/** Registries have codes of their own, so the kind of the refusal decides. */
function ofRegistry(error: RegistryError): number {
  const { code, status, isTransient } = error;
  if (code === 'cancelled') return EXIT.interrupted;
  if (code === 'invalid_request' && status === undefined) return EXIT.usage;
  if (error instanceof RegistryNotFoundError) return EXIT.notFound;
  if (error instanceof RegistryUnauthorizedError || code === 'insecure_login' || code === 'no_credentials')
    return EXIT.notAllowed;
  if (code === 'digest_mismatch' || code === 'DIGEST_INVALID') return EXIT.verificationFailed;
  if (status === 409 || status === 412) return EXIT.conflict;
  return isTransient || code === 'connection_failed' || status === 507 ? EXIT.temporary : EXIT.failure;
}

function isKnown(code: string): code is keyof typeof BY_CODE {
  return Object.hasOwn(BY_CODE, code);
}

/** From what only a person can mend to what a repetition may mend. */
const WORST_FIRST: readonly number[] = [
  EXIT.failure,
  EXIT.usage,
  EXIT.notAllowed,
  EXIT.verificationFailed,
  EXIT.notFound,
  EXIT.conflict,
  EXIT.temporary,
];

/** The one code of a command that did several things. */
export function worstExitCode(codes: Iterable<number>): number {
  const seen = new Set(codes);
  return WORST_FIRST.find((code) => seen.has(code)) ?? EXIT.ok;
}
