/**
 * Everything that can go wrong, as one closed set. The code is stable: programs match on it,
 * `server/errors.ts` turns it into an HTTP status and the command line into an exit code.
 */
export type ErrorCode =
  | 'invalid_request'
  | 'digest_mismatch'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'not_acceptable'
  | 'conflict'
  | 'precondition_failed'
  | 'too_large'
  | 'too_many_requests'
  | 'client_closed'
  | 'storage_full'
  | 'unavailable'
  | 'internal';

export interface ErrorOptions {
  /** What the reader can do about it: a sentence, or a command to run. */
  readonly hint?: string;
  /** Machine-readable facts, e.g. the expected and the found digest. Never a secret. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  /** Seconds after which a repetition may succeed. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/** An expected failure. Whatever is not a `PackyardError` is a defect and is answered as `internal`. */
export class PackyardError extends Error {
  override readonly name = 'PackyardError';
  readonly code: ErrorCode;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  readonly retryAfter?: number;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
    this.retryAfter = options.retryAfter;
  }
}

/** Shorthand for the most frequent of them: the caller sent something that cannot be right. */
export function invalid(message: string, options?: ErrorOptions): PackyardError {
  return new PackyardError('invalid_request', message, options);
}

export function notFound(message: string, options?: ErrorOptions): PackyardError {
  return new PackyardError('not_found', message, options);
}
