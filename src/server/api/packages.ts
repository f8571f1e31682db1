import { createRoute } from '@hono/zod-openapi';
import { notFound } from '../../model/errors.ts';
import type { Api, ApiContext } from './context.ts';
import { actorOf, openPackage, openRepository } from './open.ts';
import { presentAlias, presentFile, presentPackage, undoUntil } from './present.ts';
import { json, refusals } from './responses.ts';
import {
  PackageChange,
  PackageDetails,
  PackageList,
  PackageParams,
  PackageSummary,
  PackagesQuery,
  Removed,
  RepositoryParams,
} from './schemas.ts';

const tags = ['packages'];
const path = '/repositories/{format}/{name}/packages' as const;

const list = createRoute({
  method: 'get',
  path,
  operationId: 'listPackages',
  summary: 'The packages of a repository, by name',
  tags,
  request: { params: RepositoryParams, query: PackagesQuery },
  responses: { 200: json(PackageList, 'One page of packages.'), ...refusals(400, 401, 403, 404) },
});

const show = createRoute({
  method: 'get',
  path: `${path}/{package}`,
  operationId: 'getPackage',
  summary: 'One package with its versions, files and aliases',
  tags,
  request: { params: PackageParams },
  responses: { 200: json(PackageDetails, 'The package.'), ...refusals(400, 401, 403, 404) },
});

const update = createRoute({
  method: 'patch',
  path: `${path}/{package}`,
  operationId: 'updatePackage',
  summary: "Set a package's status; to or from quarantined needs the right admin",
  tags,
  request: { params: PackageParams, body: { ...json(PackageChange, 'The new status.'), required: true } },
  responses: { 200: json(PackageSummary, 'The package as it is now.'), ...refusals(400, 401, 403, 404, 413) },
});

const remove = createRoute({
  method: 'delete',
  path: `${path}/{package}`,
  operationId: 'removePackage',
  summary: 'Remove a package with all its versions',
  tags,
  request: { params: PackageParams },
  responses: { 200: json(Removed, 'It is gone.'), ...refusals(400, 401, 403, 404) },
});

export function packageRoutes(api: Api, context: ApiContext): void {
  const { registry } = context;

  api.openapi(list, async (c) => {
    const { after, limit } = c.req.valid('query');
    const { repository } = await openRepository(context, c, c.req.valid('param'), 'read');
    // One more than asked for tells whether there is a next page.
    const found = await registry.packages(repository, { after, limit: limit + 1 });
    const items = found.slice(0, limit).map(presentPackage);
    return c.json({ items, next: found.length > limit ? items.at(-1)?.name : undefined }, 200);
  });

  api.openapi(show, async (c) => {
    const { repository, format, package: entry } = await openPackage(context, c, c.req.valid('param'), 'read');
    const [files, aliases] = await Promise.all([
      registry.files(repository, entry.name),
      registry.aliases(repository, entry.name),
    ]);
    const versions = [...new Set(files.map((file) => file.version))];
    versions.sort((left, right) => format.compareVersions(right, left));
    return c.json(
      {
        ...presentPackage(entry),
        versions,
        aliases: aliases.map(presentAlias),
        files: files.map((file) => presentFile(repository, file)),
      },
      200,
    );
  });

  api.openapi(update, async (c) => {
    const { status, reason = '' } = c.req.valid('json');
    const { repository, package: entry } = await openPackage(context, c, c.req.valid('param'), 'write');
    // Quarantine holds back what an uploader published: no uploader may end it, nor put others' packages into it.
    if ([status, entry.status].includes('quarantined')) {
      context.permissions.require(c.var.principal, 'admin', repository);
    }
    await registry.setPackageStatus(repository, entry.name, status, reason, actorOf(c));
    const changed = await registry.package(repository, entry.name);
    if (!changed) throw notFound(`package ${entry.name} was removed in the meantime`);
    return c.json(presentPackage(changed), 200);
  });
  api.openapi(remove, async (c) => {
    const { repository, package: entry } = await openPackage(context, c, c.req.valid('param'), 'delete');
    const removed = await registry.removePackage(repository, entry.name, actorOf(c));
    if (removed === 0) throw notFound(`package ${entry.name} was removed in the meantime`);
    return c.json({ removed, undoUntil: undoUntil(registry) }, 200);
  });
}
