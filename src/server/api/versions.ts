import { createRoute } from '@hono/zod-openapi';
import { invalid, notFound } from '../../model/errors.ts';
import type { StoredFile } from '../../registry/model.ts';
import type { Api, ApiContext } from './context.ts';
import { InIndexQuery, VersionInIndex } from './index-schemas.ts';
import { inIndex, requireIndexes } from './indexes.ts';
import { actorOf, type OpenPackage, openFiles, openPackage, type Requester } from './open.ts';
import { undoUntil } from './present.ts';
import { json, refusals } from './responses.ts';
import { Changed, FileParams, Removed, UnyankQuery, VersionParams, Yank } from './schemas.ts';

const tags = ['versions'];
const path = '/repositories/{format}/{name}/packages/{package}/versions/{version}' as const;

const removeVersion = createRoute({
  method: 'delete',
  path,
  operationId: 'removeVersion',
  summary: 'Remove a version with all its files',
  tags,
  request: VersionInIndex,
  responses: { 200: json(Removed, 'It is gone.'), ...refusals(400, 401, 403, 404) },
});

const removeFile = createRoute({
  method: 'delete',
  path: `${path}/files/{file}`,
  operationId: 'removeFile',
  summary: 'Remove one file of a version',
  tags,
  request: { params: FileParams, query: InIndexQuery },
  responses: { 200: json(Removed, 'It is gone.'), ...refusals(400, 401, 403, 404) },
});

const yank = createRoute({
  method: 'put',
  path: `${path}/yank`,
  operationId: 'yankVersion',
  summary: 'Withdraw a version, or one file of it, from resolution without removing it',
  tags,
  request: { params: VersionParams, body: json(Yank, 'Why, and which file; left out, all of them without a reason.') },
  responses: { 200: json(Changed, 'It is yanked.'), ...refusals(400, 401, 403, 404, 413) },
});

const unyank = createRoute({
  method: 'delete',
  path: `${path}/yank`,
  operationId: 'unyankVersion',
  summary: 'Take a yank back',
  tags,
  request: { params: VersionParams, query: UnyankQuery },
  responses: { 200: json(Changed, 'It is not yanked.'), ...refusals(400, 401, 403, 404) },
});

export function versionRoutes(api: Api, context: ApiContext): void {
  const { registry } = context;

  /** @throws PackyardError `not_found` where somebody else was faster */
  const remove = async (c: Requester, opened: OpenPackage, files: readonly StoredFile[]) => {
    const removed = await registry.remove(opened.repository, files, actorOf(c));
    if (removed === 0) throw notFound('the files were removed in the meantime');
    return { removed, undoUntil: undoUntil(registry) };
  };

  api.openapi(removeVersion, async (c) => {
    const params = c.req.valid('param');
    const opened = await openPackage(context, c, params, 'delete');
    const files = await openFiles(context, opened, params.version);
    return c.json(await remove(c, opened, within(opened, files, c.req.valid('query').index)), 200);
  });

  api.openapi(removeFile, async (c) => {
    const params = c.req.valid('param');
    const opened = await openPackage(context, c, params, 'delete');
    const files = await openFiles(context, opened, params.version, params.file);
    return c.json(await remove(c, opened, within(opened, files, c.req.valid('query').index)), 200);
  });

  api.openapi(yank, async (c) => {
    const params = c.req.valid('param');
    const { reason = '', file } = c.req.valid('json');
    const opened = await openPackage(context, c, params, 'write');
    requireYank(opened);
    await openFiles(context, opened, params.version, file);
    const target = { package: opened.package.name, version: params.version, fileName: file };
    return c.json({ changed: await registry.yank(opened.repository, target, reason, actorOf(c)) }, 200);
  });

  api.openapi(unyank, async (c) => {
    const params = c.req.valid('param');
    const { file } = c.req.valid('query');
    const opened = await openPackage(context, c, params, 'write');
    requireYank(opened);
    await openFiles(context, opened, params.version, file);
    const target = { package: opened.package.name, version: params.version, fileName: file };
    return c.json({ changed: await registry.yank(opened.repository, target, undefined, actorOf(c)) }, 200);
  });
}

/** Those of some files that are in an index, where one is named. @throws PackyardError `not_found` */
function within(opened: OpenPackage, files: readonly StoredFile[], index: string | undefined): readonly StoredFile[] {
  if (index === undefined) return files;
  const found = inIndex(requireIndexes(opened), files, index);
  if (found.length === 0) throw notFound(`there is nothing of it in ${index}`);
  return found;
}

function requireYank({ format }: OpenPackage): void {
  if (format.capabilities.yank) return;
  throw invalid(`a ${format.id} repository cannot yank versions`, {
    hint: 'remove the version, or set the status of the package to deprecated',
  });
}
