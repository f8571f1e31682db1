import { Hono } from 'hono';
import { readInstance } from '../../database/queries/instance.ts';
import type { HttpEnv } from '../../formats/format.ts';
import type { ServerContext } from '../context.ts';

/** Answers are kept for a moment, so that asking often costs nothing. */
const FRESH = 1_000;

const RETRY = { 'retry-after': '5' };

interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

/** `/healthz`: the process answers. `/readyz`: it can do its work, with database and storage really tried, and goes on doing it. */
export function healthRoutes(context: ServerContext): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  let last: { at: number; readiness: Promise<Readiness> } | undefined;
  app.get('/healthz', (c) => c.text('ok\n'));
  app.get('/readyz', async (c) => {
    if (context.lifecycle.phase !== 'serving')
      return c.json({ ready: false, checks: { server: 'ending' } } satisfies Readiness, 503, RETRY);
    if (!last || Date.now() - last.at > FRESH) last = { at: Date.now(), readiness: check(context) };
    const readiness = await last.readiness;
    return c.json(readiness, readiness.ready ? 200 : 503, readiness.ready ? {} : RETRY);
  });
  return app;
}

async function check({ database, store, logger }: ServerContext): Promise<Readiness> {
  const attempts = { database: () => readInstance(database.read, 'ready'), storage: () => store.check() };
  const checks: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
      checks[name] = 'ok';
    } catch (error) {
      // Where the storage lies is nobody's business but the log's.
      checks[name] = 'failed';
      logger.error({ err: error, check: name }, 'not ready');
    }
  }
  return { ready: Object.values(checks).every((result) => result === 'ok'), checks };
}
