import { createRoute } from '@hono/zod-openapi';
import { notFound, PackyardError } from '../../model/errors.ts';
import { parseSegment } from '../../model/file-name.ts';
import type { Api, ApiContext } from './context.ts';
import { actorOf, openFiles, openPackage } from './open.ts';
import { presentAlias } from './present.ts';
import { json, refusals } from './responses.ts';
import { Alias, AliasList, AliasParams, AliasTarget, PackageParams } from './schemas.ts';

const tags = ['aliases'];
const path = '/repositories/{format}/{name}/packages/{package}/aliases' as const;

const list = createRoute({
  method: 'get',
  path,
  operationId: 'listAliases',
  summary: "A package's aliases",
  tags,
  request: { params: PackageParams },
  responses: { 200: json(AliasList, 'Aliases.'), ...refusals(400, 401, 403, 404) },
});

const set = createRoute({
  method: 'put',
  path: `${path}/{alias}`,
  operationId: 'setAlias',
  summary: 'Point an alias at a version',
  tags,
  request: { params: AliasParams, body: { ...json(AliasTarget, 'The version.'), required: true } },
  responses: { 200: json(Alias, 'The alias.'), ...refusals(400, 401, 403, 404, 409, 413) },
});

const remove = createRoute({
  method: 'delete',
  path: `${path}/{alias}`,
  operationId: 'removeAlias',
  summary: 'Remove an alias; the version stays',
  tags,
  request: { params: AliasParams },
  responses: { 204: { description: 'It is gone.' }, ...refusals(400, 401, 403, 404) },
});

export function aliasRoutes(api: Api, context: ApiContext): void {
  const { registry } = context;

  api.openapi(list, async (c) => {
    const { repository, package: entry } = await openPackage(context, c, c.req.valid('param'), 'read');
    const aliases = await registry.aliases(repository, entry.name);
    return c.json({ items: aliases.map(presentAlias) }, 200);
  });

  api.openapi(set, async (c) => {
    const params = c.req.valid('param');
    const { target } = c.req.valid('json');
    const name = parseSegment(params.alias, 'alias');
    const opened = await openPackage(context, c, params, 'write');
    await openFiles(context, opened, target);
    const clash = await registry.files(opened.repository, opened.package.name, name);
    if (clash.length > 0) {
      throw new PackyardError('conflict', `${name} is a version of ${opened.package.name}, so it cannot be an alias`);
    }
    await registry.setAlias(opened.repository, { package: opened.package.name, name, target }, actorOf(c));
    return c.json({ name, target }, 200);
  });

  api.openapi(remove, async (c) => {
    const params = c.req.valid('param');
    const { repository, package: entry } = await openPackage(context, c, params, 'write');
    const removed = await registry.removeAlias(repository, entry.name, params.alias, actorOf(c));
    if (!removed) throw notFound(`there is no alias ${params.alias} of ${entry.name}`);
    return c.body(null, 204);
  });
}
