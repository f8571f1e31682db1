import { PackyardError } from '../../model/errors.ts';

/** The connection is gone, or there was none: the database is away, restarting or out of connections. */
export class ConnectionLost extends PackyardError {
  constructor(cause: unknown) {
    super('unavailable', 'the database cannot be reached', {
      hint: 'the server log has the cause; the request can be repeated',
      retryAfter: 3,
      cause,
    });
  }
}

/** Another transaction was first (deadlock, serialization, the same new row): beginning anew finds what it did. */
export class DatabaseConflict extends PackyardError {
  constructor(cause: unknown) {
    super('unavailable', 'too many changes at the same time', {
      hint: 'the request can be repeated',
      retryAfter: 1,
      cause,
    });
  }
}

/** Text that the database cannot hold, where no check before has found it. */
export function unstorable(cause: unknown): PackyardError {
  return new PackyardError('invalid_request', 'a name or text in the request is too long or not storable text', {
    cause,
  });
}

export function databaseFull(cause: unknown): PackyardError {
  return new PackyardError('storage_full', 'the database cannot grow: nothing was stored', {
    hint: 'free space where the database server keeps its data, then try again',
    cause,
  });
}

export function databaseBusy(cause: unknown): PackyardError {
  return new PackyardError('unavailable', 'the database is busy', {
    hint: 'something holds its locks or its memory is short; the request can be repeated',
    retryAfter: 2,
    cause,
  });
}

/** The codes of an error and of what caused it, as drivers and the operating system give them. */
export function errorCodes(error: unknown): readonly (string | number)[] {
  const codes: (string | number)[] = [];
  const seen = new Set<unknown>();
  for (let current: unknown = error; current instanceof Error && !seen.has(current); current = current.cause) {
    seen.add(current);
    for (const name of ['code', 'errno'] as const) {
      const value = name in current ? (current as unknown as Record<string, unknown>)[name] : undefined;
      if (typeof value === 'string' || typeof value === 'number') codes.push(value);
    }
    if (current instanceof AggregateError) {
      for (const inner of current.errors as unknown[]) codes.push(...errorCodes(inner));
    }
  }
  return codes;
}

/** What the operating system says when a connection fails. */
export const NETWORK_CODES: ReadonlySet<string | number> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);
