import { createRoute } from '@hono/zod-openapi';
import type { Api } from './context.ts';
import { presentScopes } from './present.ts';
import { json, refusals } from './responses.ts';
import { Whoami } from './schemas.ts';

const whoami = createRoute({
  method: 'get',
  path: '/whoami',
  operationId: 'whoami',
  summary: 'Who the server takes the caller for',
  tags: ['access'],
  responses: { 200: json(Whoami, 'The caller.'), ...refusals(401) },
});

export function whoamiRoutes(api: Api): void {
  api.openapi(whoami, (c) => {
    const { name, kind, scopes } = c.var.principal;
    return c.json({ name, kind, scopes: presentScopes(scopes) }, 200);
  });
}
