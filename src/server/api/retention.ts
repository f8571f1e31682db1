import { createRoute } from '@hono/zod-openapi';
import { invalid } from '../../model/errors.ts';
import { formatRepositoryRef } from '../../model/repository-ref.ts';
import { hasRules } from '../../model/retention.ts';
import type { Api, ApiContext } from './context.ts';
import { PreviewQuery, RetentionPreview, RetentionResult } from './deleted-schemas.ts';
import { actorOf, openRepository } from './open.ts';
import { isoTime, undoUntil } from './present.ts';
import { json, refusals } from './responses.ts';
import { RepositoryParams } from './schemas.ts';

const tags = ['repositories'];
const path = '/repositories/{format}/{name}/retention' as const;

const preview = createRoute({
  method: 'get',
  path: `${path}/preview`,
  operationId: 'previewRetention',
  summary: "The versions that the repository's rules would remove now, by package",
  description: 'A page ends with a package, so it can hold more versions than the limit.',
  tags,
  request: { params: RepositoryParams, query: PreviewQuery },
  responses: { 200: json(RetentionPreview, 'One page of versions.'), ...refusals(400, 401, 403, 404) },
});

const apply = createRoute({
  method: 'post',
  path: `${path}/apply`,
  operationId: 'applyRetention',
  summary: "Remove what the repository's rules do not keep, in one revision; it can be brought back for a while",
  tags,
  request: { params: RepositoryParams },
  responses: { 200: json(RetentionResult, 'What was removed.'), ...refusals(400, 401, 403, 404) },
});

export function retentionRoutes(api: Api, context: ApiContext): void {
  const { registry } = context;

  api.openapi(preview, async (c) => {
    const { after, limit } = c.req.valid('query');
    const { repository } = await openRepository(context, c, c.req.valid('param'), 'read');
    const { items, next } = await registry.retentionPreview(repository, { after, limit });
    const versions = items.map(({ publishedAt, ...version }) => ({ ...version, publishedAt: isoTime(publishedAt) }));
    return c.json({ items: versions, next }, 200);
  });

  api.openapi(apply, async (c) => {
    const { repository } = await openRepository(context, c, c.req.valid('param'), 'delete');
    if (!hasRules(repository.retention)) {
      const name = formatRepositoryRef(repository.ref);
      throw invalid(`${name} has no retention rules: it keeps everything`, {
        hint: `packyard repo update ${name} --keep-versions 10 makes one`,
      });
    }
    const outcome = await registry.applyRetention(repository, actorOf(c));
    return c.json({ ...outcome, revisions: [...outcome.revisions], undoUntil: undoUntil(registry) }, 200);
  });
}
