import type { RequestBindings } from '../formats/format.ts';
import { formatById, formatByRoot } from '../formats/index.ts';
import { invalid } from '../model/errors.ts';
import type { App } from './app.ts';
import type { ServerContext } from './context.ts';
import { refuseCrossSite } from './cross-site.ts';
import { jsonError, toPublicError } from './errors.ts';
import { type HotAnswer, HotAnswers, isImpersonal } from './hot-answers.ts';
import { noteOrigin } from './origin.ts';
import { publicUrl } from './public-url.ts';

/** What a caller may choose for a request's id; anything else gets a new one. */
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** The part of Bun's server that a request needs. */
interface Listener {
  requestIP(request: Request): { readonly address: string } | null;
}

/**
 * Wraps the routes: request id, client address, one log line and one count for each request. A repeated download is answered
 * without a promise, which Bun sends faster.
 */
export function createHandler(app: App, context: ServerContext) {
  const { config, database, registry, logger, accessLog, metrics, addresses } = context;
  const hot = new HotAnswers(database);

  const repeat = (known: HotAnswer, requestId: string): Response | undefined => {
    const body = registry.openFile(known.file);
    if (body instanceof Promise) {
      // No longer in memory: the ordinary way opens it again, and is told if it is lost.
      body.catch(() => {});
      return undefined;
    }
    const headers = new Headers(known.headers);
    headers.set('x-request-id', requestId);
    return new Response(body, { headers });
  };

  const answer = async (given: Request, bindings: RequestBindings): Promise<Response> => {
    let response: Response;
    try {
      const isHead = given.method === 'HEAD';
      const request = noteOrigin(readable(given), { address: bindings.address, isHead });
      refuseCrossSite(request, () => new URL(publicUrl(context, request)).origin);
      response = await app(request, pathOf(request.url), bindings);
      if (isHead) response = await withoutBody(response);
    } catch (error) {
      const failure = toPublicError(error);
      if (failure.code === 'internal')
        logger.error({ err: error, requestId: bindings.requestId, path: pathOf(given.url) }, 'request failed');
      const own = formatByRoot(firstSegment(pathOf(given.url)));
      response = own?.answerFailure?.(failure, bindings.requestId) ?? jsonError(failure, bindings.requestId);
    }
    response.headers.set('x-request-id', bindings.requestId);
    return response;
  };

  return (request: Request, listener: Listener): Response | Promise<Response> => {
    const start = performance.now();
    const requestId = chooseRequestId(request.headers.get('x-request-id'));
    const peer = listener.requestIP(request)?.address ?? 'unknown';
    const address = addresses.of(peer, request.headers.get('x-forwarded-for'));
    if (config.trustedProxies.length > 0 && !addresses.isTrusted(peer)) forgetForwarding(request.headers);
    const { method } = request;
    const path = pathOf(request.url);
    const note = (status: number, bytesIn?: number, bytesOut?: number): void => {
      const milliseconds = performance.now() - start;
      const { format, route } = classify(path);
      accessLog?.write({ requestId, method, path, status, milliseconds, address });
      metrics.request({ format, route, method, status, seconds: milliseconds / 1000, bytesIn, bytesOut });
    };
    const handle = (stamp?: string | number): Response | Promise<Response> => {
      const known = hot.get(request.url, stamp);
      const repeated = known && repeat(known, requestId);
      if (repeated) {
        note(200, undefined, known.file.size);
        return repeated;
      }
      return answer(request, { requestId, address }).then((response) => {
        void hot.remember(request.url, stamp, response);
        note(response.status, lengthOf(request.headers), method === 'HEAD' ? undefined : lengthOf(response.headers));
        return response;
      });
    };
    if (!isImpersonal(request)) return handle();
    const stamp = hot.stamp();
    return stamp instanceof Promise ? stamp.then(handle) : handle(stamp);
  };
}

function chooseRequestId(given: string | null): string {
  return given !== null && REQUEST_ID.test(given) ? given : crypto.randomUUID();
}

/**
 * The request as the routes can read it: with a whole address, also where HTTP/1.0 sent no Host, and with GET in the place of
 * HEAD, so that both have the same headers.
 * @throws PackyardError `invalid_request` for a Host that is none
 */
function readable(request: Request): Request {
  const url = request.url.startsWith('/') ? `http://localhost${request.url}` : request.url;
  if (!URL.canParse(url)) throw invalid('the Host header is not a host');
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (url === request.url && method === request.method) return request;
  return new Request(url, { method, headers: request.headers, body: request.body, signal: request.signal });
}

/** The answer to HEAD out of the one to GET. Files say their length; what does not is small. */
async function withoutBody(response: Response): Promise<Response> {
  const headers = new Headers(response.headers);
  if (headers.has('content-length')) await response.body?.cancel();
  else if (response.body) headers.set('content-length', String((await response.arrayBuffer()).byteLength));
  return new Response(null, { status: response.status, headers });
}

/** What a peer says of other hosts counts only where it is one of our proxies. */
function forgetForwarding(headers: Headers): void {
  for (const name of ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-prefix'])
    headers.delete(name);
}

/** Without the query: it can hold what nobody should read. */
function pathOf(url: string): string {
  const start = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('//') + 2);
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
  const first = firstSegment(path);
  const own = formatByRoot(first);
  if (own) return { format: own.id, route: 'repo' };
  if (first !== 'repo' || end < 0) return { format: 'server', route: SERVER_ROUTES.get(first) ?? 'page' };
  const next = path.indexOf('/', end + 1);
  return { format: formatById(path.slice(end + 1, next < 0 ? undefined : next))?.id ?? 'server', route: 'repo' };
}

function firstSegment(path: string): string {
  const end = path.indexOf('/', 1);
  return path.slice(1, end < 0 ? undefined : end);
}

function lengthOf(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  return length === null ? undefined : Number(length);
}
