import { errorHeaders, STATUS } from '../formats/http-errors.ts';
import { PackyardError } from '../model/errors.ts';

/** What a client may know of a failure. A defect keeps its message to the log. */
export function toPublicError(error: unknown): PackyardError {
  if (error instanceof PackyardError && error.code !== 'internal') return error;
  return new PackyardError('internal', 'the server failed at this request', {
    hint: 'its log has the cause under this request id',
    cause: error,
  });
}

/** The form in which the API, `/addpkg` and everything that belongs to no format answer a failure. */
export function jsonError(error: unknown, requestId: string): Response {
  const known = toPublicError(error);
  const { code, message, hint, details } = known;
  return Response.json(
    { ok: false, error: { code, message, hint, details, requestId } },
    { status: STATUS[code], headers: errorHeaders(known) },
  );
}
