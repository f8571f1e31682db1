import { createRoute } from '@hono/zod-openapi';
import { formatRepositoryRef } from '../../model/repository-ref.ts';
import type { Api, ApiContext } from './context.ts';
import { parseFormat } from './open.ts';
import { presentPackage } from './present.ts';
import { json, refusals } from './responses.ts';
import { FoundPackages, SearchQuery } from './schemas.ts';

const find = createRoute({
  method: 'get',
  path: '/search',
  operationId: 'searchPackages',
  summary: 'Find packages by a part of their names, in every repository that the caller may read',
  description: 'First what is called like the text, then what begins with it, then what contains it.',
  tags: ['packages'],
  request: { query: SearchQuery },
  responses: { 200: json(FoundPackages, 'The packages.'), ...refusals(400, 401) },
});

export function searchRoutes(api: Api, context: ApiContext): void {
  const { registry, permissions } = context;

  api.openapi(find, async (c) => {
    const { q, format, limit } = c.req.valid('query');
    const all = await registry.repositories(format === undefined ? undefined : parseFormat(context, format).id);
    const repositories = all.filter((repository) => permissions.allows(c.var.principal, 'read', repository));
    const { hits, more } = await registry.search({ text: q, repositories, limit });
    const items = hits.map((hit) => ({
      ...presentPackage(hit.package),
      repository: formatRepositoryRef(hit.repository.ref),
    }));
    return c.json({ items, more }, 200);
  });
}
