import { PackyardError } from '../../model/errors.ts';
import { errorHeaders, STATUS } from '../http-errors.ts';
import { API_VERSION, escapeHtml } from './documents.ts';
import { errorForm } from './negotiate.ts';

/**
 * Tells a domain error to a Python client: a short text, or HTML or JSON where the request prefers them.
 * @throws the error itself when it is a defect: the server answers those without telling what they are
 */
export function errorResponse(error: unknown, request: Request): Response {
  if (!(error instanceof PackyardError) || error.code === 'internal') throw error;
  const headers = new Headers(errorHeaders(error));
  return answer(STATUS[error.code], error.code, error.message, error.hint, request, headers);
}

/**
 * The upload API's refusal of other bytes under a published name. `twine --skip-existing` and uv recognise it by its
 * first words, so it is plain text always.
 */
export function fileExistsResponse(fileName: string, error: PackyardError): Response {
  const text = `File already exists (${JSON.stringify(fileName)}, with different bytes)`;
  return new Response(`${withHint(text, error.hint)}\n`, { status: 400, headers: textHeaders() });
}

/** For what the upload API once did and no longer does. */
export function goneResponse(message: string, hint: string, request: Request): Response {
  return answer(410, 'gone', message, hint, request, new Headers());
}

function answer(
  status: number,
  code: string,
  message: string,
  hint: string | undefined,
  request: Request,
  headers: Headers,
): Response {
  const form = formFor(request);
  const { type, body } = render(form, status, code, message, hint);
  for (const [name, value] of Object.entries(textHeaders())) headers.set(name, value);
  headers.set('Content-Type', type);
  headers.set('Vary', 'Accept');
  return new Response(body, { status, headers });
}

/** Uploaders are told in plain text: of JSON, uv shows nothing but the code. */
function formFor(request: Request): 'json' | 'html' | 'text' {
  if (request.method === 'POST') return 'text';
  const format = new URL(request.url).searchParams.get('format') ?? undefined;
  return errorForm(request.headers.get('Accept') ?? undefined, format);
}

function render(form: 'json' | 'html' | 'text', status: number, code: string, message: string, hint?: string) {
  switch (form) {
    case 'json':
      return {
        type: 'application/json',
        body: JSON.stringify({ meta: { 'api-version': API_VERSION }, code, message, hint }),
      };
    case 'html':
      return {
        type: 'text/html; charset=utf-8',
        body:
          `<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>${status}</title>\n</head>\n<body>\n` +
          `<h1>${status}</h1>\n<p>${escapeHtml(withHint(message, hint))}</p>\n</body>\n</html>\n`,
      };
    case 'text':
      return { type: 'text/plain; charset=utf-8', body: `${withHint(message, hint)}\n` };
  }
}

function withHint(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message}\n${hint}`;
}

function textHeaders(): Readonly<Record<string, string>> {
  return {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
}
