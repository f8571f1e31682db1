import { Hono } from 'hono';
import type { FormatContext, HttpEnv } from '../formats/format.ts';
import { STATUS } from '../formats/http-errors.ts';
import { formatById, formats } from '../formats/index.ts';
import { notFound } from '../model/errors.ts';
import { createWeb, renderError } from '../web/index.ts';
import { createApi } from './api/index.ts';
import type { ServerContext } from './context.ts';
import { jsonError, toPublicError } from './errors.ts';
import { authenticate } from './middleware/authenticate.ts';
import { publicUrl } from './public-url.ts';
import { addpkgRoutes } from './routes/addpkg.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { uploadScriptRoutes } from './routes/upload-script.ts';

/** What belongs to no format: uploads for all of them, the API, the pages. */
export function createSite(context: ServerContext, formatContext: FormatContext): Hono<HttpEnv> {
  const { registry, access, permissions, logger } = context;
  const site = new Hono<HttpEnv>();
  site.onError((error, c) => {
    const known = toPublicError(error);
    if (known.code === 'internal')
      logger.error({ err: error, requestId: c.env.requestId, path: c.req.path }, 'request failed');
    return STATUS[known.code] < 500 && wantsPage(c.req.raw, c.req.path)
      ? renderError(known, c)
      : jsonError(known, c.env.requestId);
  });
  site.use(authenticate(context));
  site.route('/', metricsRoutes(context));
  site.route('/addpkg', addpkgRoutes(formatContext, permissions, context.config.limits.uploadBytes));
  site.route('/upload.sh', uploadScriptRoutes(context));
  site.route('/api/v1', createApi({ registry, access, permissions, formats, format: formatById }));
  site.route('/', createWeb({ registry, permissions, formats, publicUrl: (request) => publicUrl(context, request) }));
  site.notFound(() => {
    throw notFound('there is nothing at this address', { hint: 'the start page / shows what there is' });
  });
  return site;
}

/** People are told in a page, programs in JSON. */
function wantsPage(request: Request, path: string): boolean {
  const forPrograms = path.startsWith('/api/') || path === '/addpkg' || path === '/upload.sh' || path === '/metrics';
  return !forPrograms && (request.headers.get('accept')?.includes('text/html') ?? false);
}
