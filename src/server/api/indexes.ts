import { createRoute } from '@hono/zod-openapi';
import type { IndexPort } from '../../formats/format.ts';
import { invalid, notFound } from '../../model/errors.ts';
import type { JsonObject, StoredFile } from '../../registry/model.ts';
import type { Api, ApiContext } from './context.ts';
import { Copied, Copy, Index, IndexChange, IndexList, IndexParams } from './index-schemas.ts';
import { actorOf, type OpenRepository, openRepository } from './open.ts';
import { json, refusals } from './responses.ts';
import { RepositoryParams } from './schemas.ts';

const tags = ['indexes'];
const path = '/repositories/{format}/{name}/indexes' as const;

const list = createRoute({
  method: 'get',
  path,
  operationId: 'listIndexes',
  summary: "A repository's indices, such as apt's distributions",
  tags,
  request: { params: RepositoryParams },
  responses: { 200: json(IndexList, 'Those that have files or settings.'), ...refusals(400, 401, 403, 404) },
});

const show = createRoute({
  method: 'get',
  path: `${path}/{index}`,
  operationId: 'getIndex',
  summary: 'One index with its settings',
  tags,
  request: { params: IndexParams },
  responses: { 200: json(Index, 'The index.'), ...refusals(400, 401, 403, 404) },
});

const update = createRoute({
  method: 'patch',
  path: `${path}/{index}`,
  operationId: 'updateIndex',
  summary: "Change an index's settings; it need not have any files yet",
  tags,
  request: { params: IndexParams, body: { ...json(IndexChange, 'What to change.'), required: true } },
  responses: { 200: json(Index, 'The index as it is now.'), ...refusals(400, 401, 403, 404, 413) },
});

const forget = createRoute({
  method: 'delete',
  path: `${path}/{index}`,
  operationId: 'forgetIndexSettings',
  summary: "Forget an index's settings; its files stay",
  tags,
  request: { params: IndexParams },
  responses: { 204: { description: 'It has none any more.' }, ...refusals(400, 401, 403, 404) },
});

const copy = createRoute({
  method: 'post',
  path: `${path}/{index}/copies`,
  operationId: 'copyToIndex',
  summary: 'Publish what is in one index in another as well, in one revision; no bytes move',
  tags,
  request: { params: IndexParams, body: { ...json(Copy, 'What to copy.'), required: true } },
  responses: { 200: json(Copied, 'What is there now.'), ...refusals(400, 401, 403, 404, 409, 413) },
});

export function indexRoutes(api: Api, context: ApiContext): void {
  const { registry } = context;

  api.openapi(list, async (c) => {
    const { repository, indexes } = requireIndexes(await openRepository(context, c, c.req.valid('param'), 'read'));
    const names = await registry.indexes.names(repository, indexes.plan(repository.ref));
    const items = [];
    for (const name of names) items.push({ name, settings: toJson(await registry.indexes.settings(repository, name)) });
    return c.json({ items }, 200);
  });

  api.openapi(show, async (c) => {
    const { index, ...params } = c.req.valid('param');
    const { repository, indexes } = requireIndexes(await openRepository(context, c, params, 'read'));
    const name = indexes.parseName(index);
    if (!(await registry.indexes.names(repository, indexes.plan(repository.ref))).includes(name))
      throw notFound(`there is no ${indexes.title} ${name} in this repository`);
    return c.json({ name, settings: toJson(await registry.indexes.settings(repository, name)) }, 200);
  });

  api.openapi(update, async (c) => {
    const { index, ...params } = c.req.valid('param');
    const change = c.req.valid('json') as JsonObject;
    const { repository, indexes } = requireIndexes(await openRepository(context, c, params, 'admin'));
    const name = indexes.parseName(index);
    const settings = await registry.indexes.updateSettings(
      repository,
      name,
      (before) => indexes.changeSettings(before, change),
      actorOf(c),
    );
    return c.json({ name, settings: toJson(settings) }, 200);
  });

  api.openapi(forget, async (c) => {
    const { index, ...params } = c.req.valid('param');
    const { repository, indexes } = requireIndexes(await openRepository(context, c, params, 'admin'));
    await registry.indexes.updateSettings(repository, indexes.parseName(index), () => undefined, actorOf(c));
    return c.body(null, 204);
  });

  api.openapi(copy, async (c) => {
    const { index, ...params } = c.req.valid('param');
    const { from, file: fileName, component, ...wanted } = c.req.valid('json');
    const opened = requireIndexes(await openRepository(context, c, params, 'write'));
    const { repository, indexes, format } = opened;
    const [target, source] = [indexes.parseName(index), indexes.parseName(from)];
    const name = format.normalizeName(wanted.package);
    const there = inIndex(opened, await registry.files(repository, name), source);
    const version = wanted.version ?? newest(there, format.compareVersions);
    const files = there.filter(
      (file) => file.version === version && (fileName === undefined || file.name === fileName),
    );
    if (version === undefined || files.length === 0) {
      throw notFound(`there is no ${[name, wanted.version, fileName].filter(Boolean).join(' ')} in ${source}`, {
        hint: `packyard dist list shows which ${indexes.title}s there are`,
      });
    }
    const options: Record<string, string> = component === undefined ? {} : { component };
    const items = files.map((file) => indexes.inIndex(file, target, options));
    const outcomes = await registry.publishAll({
      repository: repository.ref,
      repositoryId: repository.id,
      actor: actorOf(c),
      items,
      reason: `copy ${name} ${version} from ${source} to ${target}`,
    });
    const unchanged = outcomes.filter(({ result }) => result === 'unchanged').length;
    const revision = outcomes[0]?.repository.revision ?? repository.revision;
    return c.json({ version, copied: outcomes.length - unchanged, unchanged, revision }, 200);
  });
}

export interface OpenIndexes extends OpenRepository {
  readonly indexes: IndexPort;
}

/** @throws PackyardError `invalid_request` for a format that has no indices of this kind */
export function requireIndexes(opened: OpenRepository): OpenIndexes {
  const { indexes } = opened.format;
  if (indexes) return { ...opened, indexes };
  throw invalid(`a ${opened.format.id} repository has one index only`, {
    hint: 'only apt repositories are divided, into distributions',
  });
}

/** Those of some files that are in an index. */
export function inIndex(
  { repository, indexes }: OpenIndexes,
  files: readonly StoredFile[],
  name: string,
): readonly StoredFile[] {
  const prefix = indexes.plan(repository.ref).pathPrefix(indexes.parseName(name));
  return files.filter((file) => file.path.startsWith(prefix));
}

function newest(files: readonly StoredFile[], compare: (a: string, b: string) => number): string | undefined {
  return files
    .map((file) => file.version)
    .sort(compare)
    .at(-1);
}

function toJson(settings: JsonObject) {
  return settings as Record<string, never>;
}
