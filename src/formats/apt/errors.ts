import { PackyardError } from '../../model/errors.ts';
import { errorHeaders, STATUS } from '../http-errors.ts';

/**
 * Plain text, since apt shows the status alone and dput and curl show the body; JSON for who asks for it.
 * @throws the error itself when it is a defect: the server answers those without telling what they are
 */
export function errorResponse(error: unknown, request: Request, requestId: string): Response {
  if (!(error instanceof PackyardError) || error.code === 'internal') throw error;
  const { code, message, hint, details } = error;
  const status = STATUS[code];
  const headers = errorHeaders(error);
  if (request.headers.get('accept')?.includes('json'))
    return Response.json({ ok: false, error: { code, message, hint, details, requestId } }, { status, headers });
  const lines = [`error: ${message}`, ...(hint ? [`hint: ${hint}`] : []), `request id: ${requestId}`];
  headers['content-type'] = 'text/plain; charset=utf-8';
  return new Response(`${lines.join('\n')}\n`, { status, headers });
}
