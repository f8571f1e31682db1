import { Hono } from 'hono';
import type { HttpEnv } from '../../formats/format.ts';
import { PackyardError } from '../../model/errors.ts';
import { EXPOSITION_CONTENT_TYPE, renderExposition } from '../../telemetry/exposition.ts';
import type { ServerContext } from '../context.ts';

/** `/metrics` for Prometheus: open where anonymous reading is, else to any token. */
export function metricsRoutes({ collectMetrics, permissions }: ServerContext): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.get('/metrics', async (c) => {
    if (c.var.principal.kind === 'anonymous' && !permissions.anonymousMayRead) {
      throw new PackyardError('unauthenticated', 'log in to read the metrics', {
        hint: 'give Prometheus a token: authorization.credentials in its scrape configuration',
      });
    }
    return c.text(renderExposition(await collectMetrics()), 200, { 'content-type': EXPOSITION_CONTENT_TYPE });
  });
  return app;
}
