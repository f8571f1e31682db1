import { Hono } from 'hono';
import type { HttpEnv, RequestBindings } from '../formats/format.ts';
import { formats } from '../formats/index.ts';
import type { ServerContext } from './context.ts';
import { createFormatContext } from './format-context.ts';
import { authenticate } from './middleware/authenticate.ts';
import { healthRoutes } from './routes/health.ts';

/** @param path the request's path, as it was sent */
export type App = (request: Request, path: string, bindings: RequestBindings) => Response | Promise<Response>;

/** The API and the pages take a tenth of a second to load: that happens this many milliseconds after the start. */
const WARM_UP = 300;

/** `/repo/<format>/<repository>` and what follows it; the two lists above belong to the pages. */
const IN_REPOSITORY = /^\/repo\/([^/]+)\/[^/]/;
const FIRST_SEGMENT = /^\/([^/]+)/;

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
  const roots = new Map<string, Hono<HttpEnv>>();
  for (const format of formats.filter((each) => each.mountRoots)) {
    const router = new Hono<HttpEnv>();
    router.use(authenticate(context));
    format.mountRoots?.(router, formatContext);
    for (const name of format.roots ?? []) roots.set(name, router);
  }
  const health = healthRoutes(context);
  const site = lazily(async () => (await import('./site.ts')).createSite(context, formatContext));
  // Nobody waits for it then, and who asks at once is not kept waiting by what others need later.
  setTimeout(site, WARM_UP).unref();
  return (request, path, bindings) => {
    const router = repositories.get(path.match(IN_REPOSITORY)?.[1] ?? '');
    if (router) return router.fetch(request, bindings);
    const root = roots.get(path.match(FIRST_SEGMENT)?.[1] ?? '');
    if (root) return root.fetch(request, bindings);
    if (path === '/healthz' || path === '/readyz') return health.fetch(request, bindings);
    return site().then((app) => app.fetch(request, bindings));
  };
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
