import type { Context } from 'hono';
import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { HttpEnv } from '../formats/format.ts';
import { errorHeaders, STATUS } from '../formats/http-errors.ts';
import { notFound, PackyardError } from '../model/errors.ts';
import type { PageFrame } from './components/layout.tsx';
import { Links } from './links.ts';
import { ErrorPage } from './pages/error-page.tsx';

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  // Nothing in a page may run or load but our own files, whatever a package's author put into a name.
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'private, no-cache',
  vary: 'Authorization',
} as const;

/** What the pages take from a request. */
export function frameOf(c: Context<HttpEnv>): PageFrame {
  return { links: Links.from(c.req.raw), principal: c.get('principal') };
}

export async function renderPage(
  page: HtmlEscapedString | Promise<HtmlEscapedString>,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const body = Buffer.from(String(await html`<!doctype html>${page}`));
  // Said here, because the answer to HEAD is made from this one and loses the body.
  const length = { 'content-length': String(body.byteLength) };
  return new Response(body, { status, headers: { ...HEADERS, ...length, ...headers } });
}

/**
 * Answers a failure with a page. Failures of the server itself go on to the one place that logs them.
 * @throws what it cannot explain to a visitor
 */
export async function renderError(error: unknown, c: Context<HttpEnv>): Promise<Response> {
  if (!(error instanceof PackyardError) || STATUS[error.code] >= 500) throw error;
  const { code, message, hint } = error;
  const page = <ErrorPage frame={frameOf(c)} code={code} message={message} hint={hint} requestId={c.env.requestId} />;
  return renderPage(page, STATUS[code], errorHeaders(error));
}

/** The page for addresses where there is nothing. */
export function renderNotFound(c: Context<HttpEnv>): Promise<Response> {
  return renderError(notFound('There is nothing at this address.'), c);
}
