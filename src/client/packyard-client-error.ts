export interface PackyardClientErrorOptions {
  readonly status?: number;
  readonly hint?: string;
  readonly requestId?: string;
  readonly cause?: unknown;
}

/** A refusal by the server, or a server that could not be reached. */
export class PackyardClientError extends Error {
  override readonly name = 'PackyardClientError';
  /**
   * The server's stable code (`not_found`, `forbidden`, …), or one of the client's own: `connection_failed`,
   * `unexpected_answer` (it is not a Packyard server, or something between changed the answer), `invalid_request`.
   */
  readonly code: string;
  /** The HTTP status; undefined when there was no answer. */
  readonly status?: number;
  /** What to do about it. */
  readonly hint?: string;
  /** Finds the request in the server's log. */
  readonly requestId?: string;

  constructor(code: string, message: string, options: PackyardClientErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.hint = options.hint;
    this.requestId = options.requestId;
  }
}
