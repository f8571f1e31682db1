import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiContext } from './context.ts';
import { isoTime } from './present.ts';
import { credentialsRequired, json, refusals } from './responses.ts';
import { EventList, EventsQuery } from './schemas.ts';

const list = createRoute({
  method: 'get',
  path: '/events',
  operationId: 'listEvents',
  summary: 'The audit log, newest first',
  tags: ['access'],
  security: credentialsRequired,
  request: { query: EventsQuery },
  responses: { 200: json(EventList, 'One page of events.'), ...refusals(400, 401, 403) },
});

export function eventRoutes(api: Api, context: ApiContext): void {
  api.openapi(list, async (c) => {
    context.permissions.requireServerAdmin(c.var.principal);
    const { before, limit } = c.req.valid('query');
    // One more than asked for tells whether there is a next page.
    const found = await context.access.events({ before, limit: limit + 1 });
    const items = found.slice(0, limit).map(({ at, detail, ...event }) => ({
      ...event,
      at: isoTime(at),
      detail: { ...detail },
    }));
    return c.json({ items, next: found.length > limit ? items.at(-1)?.id.toString() : undefined }, 200);
  });
}
