import { OpenAPIHono } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { HttpEnv } from '../../formats/format.ts';
import { notFound, PackyardError } from '../../model/errors.ts';
import { aliasRoutes } from './aliases.ts';
import type { Api, ApiContext } from './context.ts';
import { deletedRoutes } from './deleted.ts';
import { eventRoutes } from './events.ts';
import { indexRoutes } from './indexes.ts';
import { refuseInvalidInput, rethrow } from './invalid-input.ts';
import { packageRoutes } from './packages.ts';
import { repositoryRoutes } from './repositories.ts';
import { registerShared } from './responses.ts';
import { retentionRoutes } from './retention.ts';
import { searchRoutes } from './search.ts';
import { signingKeyRoutes } from './signing-keys.ts';
import { tokenRoutes } from './tokens.ts';
import { versionRoutes } from './versions.ts';
import { whoamiRoutes } from './whoami.ts';

export type { ApiContext } from './context.ts';

/** Bodies here are settings, never artifacts. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * The JSON API, to be mounted at `/api/v1`. Everything that goes wrong is thrown as a `PackyardError`, for the
 * server's one mapper to answer.
 */
export function createApi(context: ApiContext): Hono<HttpEnv> {
  const api: Api = new OpenAPIHono<HttpEnv>({ defaultHook: refuseInvalidInput });
  api.onError(rethrow);
  api.use(async (c, next) => {
    c.header('Cache-Control', 'no-store');
    await next();
    // The answer to HEAD is made from this one and loses the body, so its length has to be said here.
    if (c.req.raw.method === 'HEAD') {
      const { byteLength } = await c.res.clone().arrayBuffer();
      c.res.headers.set('Content-Length', String(byteLength));
    }
  });
  api.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new PackyardError('too_large', `the request body is larger than ${MAX_BODY_BYTES} bytes`);
      },
    }),
  );

  registerShared(api);
  whoamiRoutes(api);
  repositoryRoutes(api, context);
  deletedRoutes(api, context);
  retentionRoutes(api, context);
  packageRoutes(api, context);
  versionRoutes(api, context);
  aliasRoutes(api, context);
  indexRoutes(api, context);
  signingKeyRoutes(api, context);
  searchRoutes(api, context);
  tokenRoutes(api, context);
  eventRoutes(api, context);
  serveDocument(api);
  refuseTheRest(api);
  return api;
}

function serveDocument(api: Api): void {
  let document: ReturnType<typeof describeApi> | undefined;
  api.get('/openapi.json', (c) => {
    document ??= describeApi(api);
    return c.json(document);
  });
}

function describeApi(api: Api) {
  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Packyard',
      version: '1',
      description: 'Repositories, packages, aliases, tokens and the audit log. Errors have one form: see `Error`.',
    },
    // Relative to this document, so that it is right behind a proxy that adds a prefix.
    servers: [{ url: '../v1' }],
    security: [{ basic: [] }, { bearer: [] }, {}],
    tags: ['repositories', 'packages', 'versions', 'aliases', 'indexes', 'keys', 'access'].map((name) => ({ name })),
  });
}

/** Answers what no route took: a known path with another method, then everything else. */
function refuseTheRest(api: Api): void {
  const methods = new Map<string, string[]>();
  for (const { path, method } of api.routes) {
    if (method === 'ALL') continue;
    methods.set(path, [...(methods.get(path) ?? []), method, ...(method === 'GET' ? ['HEAD'] : [])]);
  }
  for (const [path, allowed] of methods) {
    const allow = [...new Set(allowed)].join(', ');
    api.all(path, (c) => {
      throw new PackyardError('method_not_allowed', `${c.req.method} is not possible here`, {
        hint: `allowed: ${allow}`,
        details: { allow },
      });
    });
  }
  api.all('*', () => {
    throw notFound('there is no such path in the API', { hint: 'GET /api/v1/openapi.json lists them all' });
  });
}
