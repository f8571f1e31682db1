import { Hono } from 'hono';
import type { FormatContext, HttpEnv, RequestBindings } from '../formats/format.ts';
import { formatById, formats } from '../formats/index.ts';
import { notFound } from '../model/errors.ts';
import { createWeb } from '../web/index.ts';
import { createApi } from './api/index.ts';
import type { ServerContext } from './context.ts';
import { jsonError, toPublicError } from './errors.ts';
import { createFormatContext } from './format-context.ts';
import { authenticate } from './middleware/authenticate.ts';
import { publicUrl } from './public-url.ts';
import { addpkgRoutes } from './routes/addpkg.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { uploadScriptRoutes } from './routes/upload-script.ts';

/** @param path the request's path, as it was sent */
export type App = (request: Request, path: string, bindings: RequestBindings) => Response | Promise<Response>;

/** `/repo/<format>/<repository>` and what follows it; the two lists above belong to the pages. */
const IN_REPOSITORY = /^\/repo\/([^/]+)\/[^/]/;

/**
 * Every address of the server, put together. Each format has a router of its own, found by the second path segment: one
 * router for all of them takes longer to build and to search than everything else at a download.
 */
export function createApp(context: ServerContext): App {
  const formatContext = createFormatContext(context);
  const repositories = new Map<string, Hono<HttpEnv>>();
  for (const format of formats) {
    for (const name of [format.id, ...format.olderNames]) {
      const router = new Hono<HttpEnv>().basePath(`/repo/${name}`);
      router.use(authenticate(context));
      format.mount(router, formatContext);
      repositories.set(name, router);
    }
  }
  const health = healthRoutes(context);
  const site = createSite(context, formatContext);
  return (request, path, bindings) => {
    const router = repositories.get(path.match(IN_REPOSITORY)?.[1] ?? '');
    if (router) return router.fetch(request, bindings);
    if (path === '/healthz' || path === '/readyz') return health.fetch(request, bindings);
    return site.fetch(request, bindings);
  };
}

/** What belongs to no format: uploads for all of them, the API, the pages. */
function createSite(context: ServerContext, formatContext: FormatContext): Hono<HttpEnv> {
  const { registry, access, permissions, metrics, logger } = context;
  const site = new Hono<HttpEnv>();
  site.onError((error, c) => {
    const known = toPublicError(error);
    if (known.code === 'internal')
      logger.error({ err: error, requestId: c.env.requestId, path: c.req.path }, 'request failed');
    return jsonError(known, c.env.requestId);
  });
  site.use(authenticate(context));
  site.route('/', metricsRoutes(context));
  site.route('/addpkg', addpkgRoutes(formatContext, metrics));
  site.route('/upload.sh', uploadScriptRoutes(context));
  site.route('/api/v1', createApi({ registry, access, permissions, formats, format: formatById }));
  site.route('/', createWeb({ registry, permissions, formats, publicUrl: (request) => publicUrl(context, request) }));
  site.notFound(() => {
    throw notFound('there is nothing at this address', { hint: 'the start page / shows what there is' });
  });
  return site;
}
