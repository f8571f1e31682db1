import type { RequestBindings } from '../formats/format.ts';
import { formatById } from '../formats/index.ts';
import type { App } from './app.ts';
import type { ServerContext } from './context.ts';
import { jsonError, toPublicError } from './errors.ts';
import { HotAnswers, isImpersonal } from './hot-answers.ts';

/** What a caller may choose for a request's id; anything else gets a new one. */
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** The part of Bun's server that a request needs. */
interface Listener {
  requestIP(request: Request): { readonly address: string } | null;
}

/** Wraps the routes: request id, client address, one log line and one count for each request. */
export function createHandler(app: App, context: ServerContext) {
  const { config, database, registry, logger, metrics, addresses } = context;
  const hot = new HotAnswers(() => database.changeStamp());

  const answer = async (request: Request, path: string, bindings: RequestBindings): Promise<Response> => {
    const impersonal = isImpersonal(request);
    const stamp = impersonal ? hot.stamp() : undefined;
    const known = impersonal ? hot.get(request.url) : undefined;
    if (known) {
      const opened = registry.openFile(known.file);
      const body = opened instanceof Promise ? await opened : opened;
      return new Response(body, { headers: { ...known.headers, 'x-request-id': bindings.requestId } });
    }
    let response: Response;
    try {
      response = await app(request, path, bindings);
      if (impersonal) hot.remember(request.url, stamp, response);
    } catch (error) {
      const failure = toPublicError(error);
      if (failure.code === 'internal')
        logger.error({ err: error, requestId: bindings.requestId, path }, 'request failed');
      response = jsonError(failure, bindings.requestId);
    }
    response.headers.set('x-request-id', bindings.requestId);
    return response;
  };

  return async (request: Request, listener: Listener): Promise<Response> => {
    const start = performance.now();
    const requestId = chooseRequestId(request.headers.get('x-request-id'));
    const peer = listener.requestIP(request)?.address ?? 'unknown';
    const address = addresses.of(peer, request.headers.get('x-forwarded-for'));
    if (config.trustedProxies.length > 0 && !addresses.isTrusted(peer)) forgetForwarding(request.headers);
    const path = pathOf(request.url);
    const response = await answer(request, path, { requestId, address });
    const milliseconds = performance.now() - start;
    const { method } = request;
    const { status } = response;
    logger.info({ requestId, method, path, status, ms: Math.round(milliseconds * 100) / 100, address }, 'request');
    metrics.request({ ...classify(path), method, status, seconds: milliseconds / 1000, ...sizes(request, response) });
    return response;
  };
}

function chooseRequestId(given: string | null): string {
  return given !== null && REQUEST_ID.test(given) ? given : crypto.randomUUID();
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

interface Labels {
  readonly format: string;
  readonly route: string;
}

const SERVER_ROUTES = new Map([
  ['api', 'api'],
  ['addpkg', 'addpkg'],
  ['metrics', 'metrics'],
  ['healthz', 'health'],
  ['readyz', 'health'],
]);

/** Labels from a small closed set, by the first one or two segments of the path. */
function classify(path: string): Labels {
  const end = path.indexOf('/', 1);
  const first = path.slice(1, end < 0 ? undefined : end);
  if (first !== 'repo' || end < 0) return { format: 'server', route: SERVER_ROUTES.get(first) ?? 'page' };
  const next = path.indexOf('/', end + 1);
  return { format: formatById(path.slice(end + 1, next < 0 ? undefined : next))?.id ?? 'server', route: 'repo' };
}

function sizes(request: Request, response: Response): { bytesIn?: number; bytesOut?: number } {
  const length = request.headers.get('content-length');
  const sent = request.method === 'HEAD' ? null : response.headers.get('content-length');
  return { bytesIn: length === null ? undefined : Number(length), bytesOut: sent === null ? undefined : Number(sent) };
}
