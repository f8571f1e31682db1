import type { ErrorCode, PackyardError } from '../model/errors.ts';

/** The one mapping from what went wrong to an HTTP status; a protocol chooses only the body's form. */
export const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 400,
  digest_mismatch: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  conflict: 409,
  precondition_failed: 412,
  too_large: 413,
  too_many_requests: 429,
  // Nobody is there to read it; the log shows it under nginx's number for this.
  client_closed: 499,
  internal: 500,
  unavailable: 503,
  storage_full: 507,
};

/** Seconds after which what is not there now may be back, where nobody knows better. */
const SOON = 5;

/** Without a challenge, pip, twine, curl and apt never send the credentials that they have. */
const CHALLENGE = 'Basic realm="packyard", charset="UTF-8"';

/** Headers that belong to a failure, whatever the body's form. */
export function errorHeaders(error: PackyardError): Record<string, string> {
  const headers: Record<string, string> = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  if (error.code === 'unauthenticated') headers['www-authenticate'] = CHALLENGE;
  const retryAfter = error.retryAfter ?? (error.code === 'unavailable' ? SOON : undefined);
  if (retryAfter !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfter)));
  if (typeof error.details?.allow === 'string') headers.allow = error.details.allow;
  return headers;
}
