import { formatById } from '../formats/index.ts';
import type { App } from './app.ts';
import type { ServerContext } from './context.ts';
import { jsonError, toPublicError } from './errors.ts';

/** What a caller may choose for a request's id; anything else gets a new one. */
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** The part of Bun's server that a request needs. */
interface Listener {
  requestIP(request: Request): { readonly address: string } | null;
}

/** Wraps the routes: request id, client address, one log line and one count for each request. */
export function createHandler(app: App, context: ServerContext) {
  const { config, logger, metrics, addresses } = context;
  return async (request: Request, listener: Listener): Promise<Response> => {
    const start = performance.now();
    const given = request.headers.get('x-request-id');
    const requestId = given !== null && REQUEST_ID.test(given) ? given : crypto.randomUUID();
    const peer = listener.requestIP(request)?.address ?? 'unknown';
    const address = addresses.of(peer, request.headers.get('x-forwarded-for'));
    if (config.trustedProxies.length > 0 && !addresses.isTrusted(peer)) forgetForwarding(request.headers);
    const path = pathOf(request.url);
    let response: Response;
    try {
      response = await app(request, path, { requestId, address });
    } catch (error) {
      const known = toPublicError(error);
      if (known.code === 'internal') logger.error({ err: error, requestId, path }, 'request failed');
      response = jsonError(known, requestId);
    }
    response.headers.set('x-request-id', requestId);
    const milliseconds = performance.now() - start;
    const { method } = request;
    const { status } = response;
    logger.info({ requestId, method, path, status, ms: Math.round(milliseconds * 100) / 100, address }, 'request');
    metrics.request({ ...classify(path), method, status, seconds: milliseconds / 1000, ...sizes(request, response) });
    return response;
  };
}

/** What a peer says of other hosts counts only where it is one of our proxies. */
function forgetForwarding(headers: Headers): void {
  for (const name of ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-prefix'])
    headers.delete(name);
}

/** Without the query: it can hold what nobody should read. */
function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  const query = url.indexOf('?', start);
  return start < 0 ? '/' : url.slice(start, query < 0 ? undefined : query);
}

/** Labels from a small closed set. */
function classify(path: string): { format: string; route: string } {
  const [, first = '', second = ''] = path.split('/', 3);
  if (first === 'repo') return { format: formatById(second)?.id ?? 'server', route: 'repo' };
  if (first === 'api' || first === 'addpkg' || first === 'metrics') return { format: 'server', route: first };
  return { format: 'server', route: first === 'healthz' || first === 'readyz' ? 'health' : 'page' };
}

function sizes(request: Request, response: Response): { bytesIn?: number; bytesOut?: number } {
  const length = request.headers.get('content-length');
  const sent = request.method === 'HEAD' ? null : response.headers.get('content-length');
  return { bytesIn: length === null ? undefined : Number(length), bytesOut: sent === null ? undefined : Number(sent) };
}
