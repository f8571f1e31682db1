import { Hono } from 'hono';
import type { HttpEnv } from '../formats/format.ts';
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

/** Every address of the server, put together. */
export function createApp(context: ServerContext): Hono<HttpEnv> {
  const { registry, access, permissions, metrics, logger } = context;
  const app = new Hono<HttpEnv>();
  app.onError((error, c) => {
    const known = toPublicError(error);
    if (known.code === 'internal')
      logger.error({ err: error, requestId: c.env.requestId, path: c.req.path }, 'request failed');
    return jsonError(known, c.env.requestId);
  });

  app.route('/', healthRoutes(context));

  const formatContext = createFormatContext(context);
  for (const format of formats) {
    const router = new Hono<HttpEnv>();
    router.use(authenticate(context));
    format.mount(router, formatContext);
    for (const name of [format.id, ...format.olderNames]) app.route(`/repo/${name}`, router);
  }

  const site = new Hono<HttpEnv>();
  site.use(authenticate(context));
  site.route('/', metricsRoutes(context));
  site.route('/addpkg', addpkgRoutes(formatContext, metrics));
  site.route('/upload.sh', uploadScriptRoutes(context));
  site.route('/api/v1', createApi({ registry, access, permissions, formats, format: formatById }));
  site.route('/', createWeb({ registry, permissions, formats, publicUrl: (request) => publicUrl(context, request) }));
  app.route('/', site);
  app.notFound(() => {
    throw notFound('there is nothing at this address', { hint: 'the start page / shows what there is' });
  });
  return app;
}
