import { type ErrorCode, PackyardError } from '../../model/errors.ts';
import { errorHeaders, STATUS } from '../http-errors.ts';

/** The codes of the distribution spec; what a domain error is, unless its details say it (`oci`). */
const CODES: Readonly<Record<ErrorCode, string>> = {
  invalid_request: 'UNSUPPORTED',
  digest_mismatch: 'DIGEST_INVALID',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'DENIED',
  not_found: 'NAME_UNKNOWN',
  method_not_allowed: 'UNSUPPORTED',
  not_acceptable: 'UNSUPPORTED',
  conflict: 'DENIED',
  precondition_failed: 'DENIED',
  too_large: 'SIZE_INVALID',
  too_many_requests: 'TOOMANYREQUESTS',
  client_closed: 'BLOB_UPLOAD_INVALID',
  storage_full: 'UNKNOWN',
  unavailable: 'UNAVAILABLE',
  internal: 'UNKNOWN',
};

/** On every answer: old clients look for it. */
export const API_VERSION = { 'docker-distribution-api-version': 'registry/2.0' } as const;

/**
 * The error as the distribution spec has it: `{"errors":[{code, message, detail}]}`.
 * Of a defect nothing is told but where to look for it.
 * @param challenge what to answer who is not logged in
 */
export function errorResponse(failure: unknown, requestId: string, challenge: string): Response {
  const error = failure instanceof PackyardError && !isDefect(failure) ? failure : UNTOLD;
  const { message, hint, details } = error;
  const headers: Record<string, string> = { ...errorHeaders(error), ...API_VERSION, ...rangeOf(error) };
  if (error.code === 'unauthenticated') headers['www-authenticate'] = challenge;
  const { oci: _, ...facts } = details ?? {};
  const detail = { ...(hint === undefined ? {} : { hint }), ...facts, requestId };
  const text = hint === undefined ? message : `${message}: ${hint}`;
  return Response.json(
    { errors: [{ code: codeOf(error), message: text, detail }] },
    { status: statusOf(error), headers },
  );
}

const UNTOLD = new PackyardError('internal', 'the server failed at this request', {
  hint: 'its log has the cause under this request id',
});

/** Whether a failure is nothing that was expected: then it belongs into the log. */
export function isDefect(error: unknown): boolean {
  return !(error instanceof PackyardError) || error.code === 'internal';
}

function codeOf({ code, details }: PackyardError): string {
  if (typeof details?.oci === 'string') return details.oci;
  if (details?.upload !== undefined) return 'BLOB_UPLOAD_UNKNOWN';
  if (details?.uploadSize !== undefined) return 'BLOB_UPLOAD_INVALID';
  if (details?.missing !== undefined) return 'MANIFEST_BLOB_UNKNOWN';
  return CODES[code];
}

/** A chunk that is not the next one is 416 in this protocol, whatever it is elsewhere. */
function statusOf({ code, details }: PackyardError): number {
  return details?.uploadSize !== undefined ? 416 : STATUS[code];
}

function rangeOf({ details }: PackyardError): Record<string, string> {
  const { uploadSize, location } = details ?? {};
  if (typeof uploadSize !== 'number') return {};
  return { range: rangeSoFar(uploadSize), ...(typeof location === 'string' ? { location } : {}) };
}

/** The bytes that an upload has, first and last. There is no way to write none: clients refuse an end before the start. */
export function rangeSoFar(size: number): string {
  return `0-${Math.max(0, size - 1)}`;
}
