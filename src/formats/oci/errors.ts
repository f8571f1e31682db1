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
 * @param challenge what to answer who is not logged in
 * @throws the error itself when it is a defect: the server writes it down and answers it with `answerFailure`
 */
export function errorResponse(error: unknown, requestId: string, challenge: string): Response {
  if (!(error instanceof PackyardError) || error.code === 'internal') throw error;
  return answerFailure(error, requestId, challenge);
}

/** The same for what a client may know, whatever it is. */
export function answerFailure(error: PackyardError, requestId: string, challenge?: string): Response {
  const { message, hint, details } = error;
  const headers: Record<string, string> = { ...errorHeaders(error), ...API_VERSION, ...rangeOf(error) };
  if (error.code === 'unauthenticated' && challenge !== undefined) headers['www-authenticate'] = challenge;
  const { oci: _, ...facts } = details ?? {};
  const detail = { ...(hint === undefined ? {} : { hint }), ...facts, requestId };
  const text = hint === undefined ? message : `${message}: ${hint}`;
  return Response.json(
    { errors: [{ code: codeOf(error), message: text, detail }] },
    { status: statusOf(error), headers },
  );
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
