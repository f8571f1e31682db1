import { createRoute } from '@hono/zod-openapi';
import { invalid, notFound } from '../../model/errors.ts';
import type { RemovedRepository } from '../../registry/model.ts';
import type { Api, ApiContext } from './context.ts';
import {
  DeletedList,
  DeletedQuery,
  RemovedRepositoriesQuery,
  RemovedRepositoryList,
  RemovedRepositoryParams,
  Undelete,
  Undeleted,
} from './deleted-schemas.ts';
import { actorOf, openRepository, parseFormat } from './open.ts';
import { isoTime, presentRepository } from './present.ts';
import { credentialsRequired, json, refusals } from './responses.ts';
import { Repository, RepositoryParams } from './schemas.ts';

const tags = ['repositories'];
const path = '/repositories/{format}/{name}' as const;

const listFiles = createRoute({
  method: 'get',
  path: `${path}/deleted`,
  operationId: 'listDeleted',
  summary: 'Deleted files that can be brought back, the last deleted first',
  tags,
  request: { params: RepositoryParams, query: DeletedQuery },
  responses: { 200: json(DeletedList, 'One page of deleted files.'), ...refusals(400, 401, 403, 404) },
});

const undelete = createRoute({
  method: 'post',
  path: `${path}/undelete`,
  operationId: 'undelete',
  summary: 'Bring deleted files back: of a package, a version, one file, or all that one revision removed',
  tags,
  request: { params: RepositoryParams, body: { ...json(Undelete, 'What to bring back.'), required: true } },
  responses: { 200: json(Undeleted, 'They are back.'), ...refusals(400, 401, 403, 404, 409, 413) },
});

const listRepositories = createRoute({
  method: 'get',
  path: '/deleted-repositories',
  operationId: 'listDeletedRepositories',
  summary: 'Removed repositories that the caller may bring back, the last removed first',
  tags,
  security: credentialsRequired,
  request: { query: RemovedRepositoriesQuery },
  responses: { 200: json(RemovedRepositoryList, 'Removed repositories.'), ...refusals(400, 401) },
});

const undeleteRepository = createRoute({
  method: 'post',
  path: '/deleted-repositories/{id}/undelete',
  operationId: 'undeleteRepository',
  summary: 'Bring a removed repository back with everything that was in it',
  tags,
  security: credentialsRequired,
  request: { params: RemovedRepositoryParams },
  responses: { 200: json(Repository, 'The repository.'), ...refusals(400, 401, 403, 404, 409) },
});

export function deletedRoutes(api: Api, context: ApiContext): void {
  const { registry, permissions } = context;

  api.openapi(listFiles, async (c) => {
    const { package: name, file: fileName, before, limit, ...target } = c.req.valid('query');
    const { repository, format } = await openRepository(context, c, c.req.valid('param'), 'delete', {
      evenEmpty: true,
    });
    const [revision = 0, id = 0] = before?.split('-').map(Number) ?? [];
    const found = await registry.deletedFiles(
      repository,
      { ...target, fileName, package: name === undefined ? undefined : format.normalizeName(name) },
      // One more than asked for tells whether there is a next page.
      { before: before === undefined ? undefined : { revision, id }, limit: limit + 1 },
    );
    const shown = found.slice(0, limit);
    const items = shown.map(({ id: _, ...file }) => ({
      ...file,
      sha256: file.sha256.hex,
      removedAt: isoTime(file.removedAt),
      until: isoTime(file.until),
    }));
    const last = shown.at(-1);
    return c.json({ items, next: found.length > limit && last ? `${last.revision}-${last.id}` : undefined }, 200);
  });

  api.openapi(undelete, async (c) => {
    const { package: name, file: fileName, ...target } = c.req.valid('json');
    if (name === undefined && (target.version !== undefined || fileName !== undefined))
      throw invalid('body field package: is required beside version and file');
    if (name === undefined && target.revision === undefined)
      throw invalid('body: says nothing of what to bring back', { hint: 'give package, or revision' });
    const { repository, format } = await openRepository(context, c, c.req.valid('param'), 'delete', {
      evenEmpty: true,
    });
    const wanted = { ...target, fileName, package: name === undefined ? undefined : format.normalizeName(name) };
    const { count, revision } = await registry.undelete(repository, wanted, actorOf(c));
    return c.json({ restored: count, revision }, 200);
  });

  api.openapi(listRepositories, async (c) => {
    const { format, name } = c.req.valid('query');
    const filter = { format: format === undefined ? undefined : parseFormat(context, format).id, name };
    const found = await registry.removedRepositories(filter);
    const mine = found.filter((repository) => permissions.allows(c.var.principal, 'admin', repository));
    return c.json({ items: mine.map(presentRemoved) }, 200);
  });

  api.openapi(undeleteRepository, async (c) => {
    const { id } = c.req.valid('param');
    const [found] = await registry.removedRepositories({ id });
    // Who may not bring it back does not learn that there was one.
    if (!found || !permissions.allows(c.var.principal, 'admin', found)) {
      permissions.requireServerAdmin(c.var.principal);
      throw notFound(`there is no removed repository with the number ${id}`, {
        hint: 'GET /api/v1/deleted-repositories lists them; after the grace period they are gone for good',
      });
    }
    return c.json(presentRepository(await registry.undeleteRepository(id, actorOf(c))), 200);
  });
}

function presentRemoved({ ref, fileCount, removedAt, until, ...repository }: RemovedRepository) {
  return {
    ...repository,
    format: ref.format,
    name: ref.name,
    files: fileCount,
    removedAt: isoTime(removedAt),
    until: isoTime(until),
  };
}
