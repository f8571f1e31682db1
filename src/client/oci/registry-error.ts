export interface RegistryErrorOptions {
  /** The HTTP status; left out when there was no answer. */
  readonly status?: number;
  /** What the registry said about the details, as it said it. */
  readonly detail?: unknown;
  /** What to do about it. */
  readonly hint?: string;
  /** Seconds that the registry wants to be left alone for. */
  readonly retryAfter?: number;
  /** Whether the same request may well succeed a little later. */
  readonly isTransient?: boolean;
  readonly cause?: unknown;
}

/** A refusal by a registry, or one that could not be reached or believed. */
export class RegistryError extends Error {
  override readonly name: string = 'RegistryError';
  /**
   * The registry's own code (`MANIFEST_UNKNOWN`, `DENIED`, …), or one of this library's: `connection_failed`, `cancelled`,
   * `unexpected_answer`, `digest_mismatch`, `invalid_request`, `insecure_login`, `no_credentials`, `refused` (an answer without a code).
   */
  readonly code: string;
  readonly status?: number;
  readonly detail?: unknown;
  readonly hint?: string;
  /** Seconds that the registry wants to be left alone for. */
  readonly retryAfter?: number;
  /** Whether the same request may well succeed a little later; it was tried several times where that was possible. */
  readonly isTransient: boolean;

  constructor(code: string, message: string, options: RegistryErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.detail = options.detail;
    this.hint = options.hint;
    this.retryAfter = options.retryAfter;
    this.isTransient = options.isTransient ?? false;
  }
}

/** The registry does not know who asks (401), or knows and does not allow it (403). */
export class RegistryUnauthorizedError extends RegistryError {
  override readonly name: string = 'RegistryUnauthorizedError';
}

/** 404: there is no such blob, manifest, repository or upload, or the caller may not know of it. */
export class RegistryNotFoundError extends RegistryError {
  override readonly name: string = 'RegistryNotFoundError';
}

/** There was no answer: nobody listens, the connection broke, time ran out, or the caller cancelled. */
export class RegistryConnectionError extends RegistryError {
  override readonly name: string = 'RegistryConnectionError';
}

/** The bytes are not those that were promised: their digest or size is another. */
export class RegistryDigestError extends RegistryError {
  override readonly name: string = 'RegistryDigestError';
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string, message: string) {
    super('digest_mismatch', message);
    this.expected = expected;
    this.got = got;
  }
}
