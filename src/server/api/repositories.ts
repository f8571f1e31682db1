import { createRoute } from '@hono/zod-openapi';
import { invalid, PackyardError } from '../../model/errors.ts';
import { formatRepositoryRef, parseRepositoryName } from '../../model/repository-ref.ts';
import type { Api, ApiContext } from './context.ts';
import { actorOf, openRepository, parseFormat } from './open.ts';
import { presentRepository, presentRevision } from './present.ts';
import { json, refusals } from './responses.ts';
import {
  NewRepository,
  RepositoriesQuery,
  Repository,
  RepositoryChange,
  RepositoryList,
  RepositoryParams,
  RevisionList,
  RevisionsQuery,
} from './schemas.ts';

const tags = ['repositories'];
const path = '/repositories/{format}/{name}' as const;

const list = createRoute({
  method: 'get',
  path: '/repositories',
  operationId: 'listRepositories',
  summary: 'The repositories that the caller may read',
  tags,
  request: { query: RepositoriesQuery },
  responses: { 200: json(RepositoryList, 'Repositories by format and name.'), ...refusals(400, 401) },
});

const create = createRoute({
  method: 'post',
  path: '/repositories',
  operationId: 'createRepository',
  summary: 'Create a repository',
  tags,
  request: { body: { ...json(NewRepository, 'Its name and settings.'), required: true } },
  responses: { 201: json(Repository, 'The new repository.'), ...refusals(400, 401, 403, 409, 413) },
});

const show = createRoute({
  method: 'get',
  path,
  operationId: 'getRepository',
  summary: 'One repository',
  tags,
  request: { params: RepositoryParams },
  responses: { 200: json(Repository, 'The repository.'), ...refusals(400, 401, 403, 404) },
});

const update = createRoute({
  method: 'patch',
  path,
  operationId: 'updateRepository',
  summary: "Change a repository's settings",
  tags,
  request: { params: RepositoryParams, body: { ...json(RepositoryChange, 'What to change.'), required: true } },
  responses: { 200: json(Repository, 'The repository as it is now.'), ...refusals(400, 401, 403, 404, 413) },
});

const remove = createRoute({
  method: 'delete',
  path,
  operationId: 'removeRepository',
  summary: 'Remove a repository with everything in it',
  tags,
  request: { params: RepositoryParams },
  responses: { 204: { description: 'It is gone.' }, ...refusals(400, 401, 403, 404) },
});

const revisions = createRoute({
  method: 'get',
  path: `${path}/revisions`,
  operationId: 'listRevisions',
  summary: "A repository's changes, newest first",
  tags,
  request: { params: RepositoryParams, query: RevisionsQuery },
  responses: { 200: json(RevisionList, 'Revisions.'), ...refusals(400, 401, 403, 404) },
});

export function repositoryRoutes(api: Api, context: ApiContext): void {
  const { registry, permissions } = context;

  api.openapi(list, async (c) => {
    const query = c.req.valid('query');
    const format = query.format === undefined ? undefined : parseFormat(context, query.format).id;
    const repositories = await registry.repositories(format);
    const readable = repositories.filter((repository) => permissions.allows(c.var.principal, 'read', repository));
    return c.json({ items: readable.map(presentRepository) }, 200);
  });

  api.openapi(create, async (c) => {
    const { format, name, ...settings } = c.req.valid('json');
    const ref = { format: parseFormat(context, format).id, name: parseRepositoryName(name) };
    const existing = await registry.repository(ref);
    permissions.require(c.var.principal, 'admin', existing ?? { ref, visibility: settings.visibility ?? 'default' });
    if (existing) {
      throw new PackyardError('conflict', `repository ${formatRepositoryRef(ref)} exists already`, {
        hint: `packyard repo update ${formatRepositoryRef(ref)} changes its settings`,
      });
    }
    const repository = await registry.createRepository(ref, settings, actorOf(c));
    c.header('Location', `repositories/${formatRepositoryRef(ref)}`);
    return c.json(presentRepository(repository), 201);
  });

  api.openapi(show, async (c) => {
    const { repository } = await openRepository(context, c, c.req.valid('param'), 'read');
    return c.json(presentRepository(repository), 200);
  });

  api.openapi(update, async (c) => {
    const settings = c.req.valid('json');
    if (Object.keys(settings).length === 0) throw invalid('body: names no setting to change');
    const { repository } = await openRepository(context, c, c.req.valid('param'), 'admin');
    return c.json(presentRepository(await registry.updateRepository(repository.ref, settings, actorOf(c))), 200);
  });

  api.openapi(remove, async (c) => {
    const { repository } = await openRepository(context, c, c.req.valid('param'), 'admin');
    await registry.removeRepository(repository.ref, actorOf(c));
    return c.body(null, 204);
  });

  api.openapi(revisions, async (c) => {
    const { repository } = await openRepository(context, c, c.req.valid('param'), 'read');
    const items = await registry.revisions(repository, c.req.valid('query').limit);
    return c.json({ items: items.map(presentRevision) }, 200);
  });
}
