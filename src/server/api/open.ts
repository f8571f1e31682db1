import type { Context } from 'hono';
import type { Format, HttpEnv } from '../../formats/format.ts';
import { invalid, notFound } from '../../model/errors.ts';
import type { Action } from '../../model/principal.ts';
import { formatRepositoryRef, parseRepositoryName } from '../../model/repository-ref.ts';
import type { Actor, Package, Repository, StoredFile } from '../../registry/model.ts';
import { isInView } from '../../registry/repositories.ts';
import type { ApiContext } from './context.ts';

/** As much of a request's context as tells who asks. */
export type Requester = Pick<Context<HttpEnv>, 'var'>;

interface RepositoryPath {
  readonly format: string;
  readonly name: string;
}

export interface OpenRepository {
  readonly format: Format;
  readonly repository: Repository;
}

export interface OpenPackage extends OpenRepository {
  readonly package: Package;
}

/** Who asks, for revisions and the audit log. */
export function actorOf(c: Requester): Actor {
  return { name: c.var.principal.name, requestId: c.var.requestId, address: c.var.address };
}

/** @throws PackyardError `not_found` */
export function openFormat(context: ApiContext, id: string): Format {
  const format = context.format(id);
  if (!format) throw notFound('there is no such format', { hint: knownFormats(context) });
  return format;
}

/**
 * A format that is named in a body or query.
 * @throws PackyardError `invalid_request`
 */
export function parseFormat(context: ApiContext, id: string): Format {
  const format = context.format(id);
  if (!format) throw invalid('field format: there is no such format', { hint: knownFormats(context) });
  return format;
}

function knownFormats(context: ApiContext): string {
  return `formats: ${context.formats.map(({ id }) => id).join(', ')}`;
}

/**
 * Finds the repository in the path and checks the caller's right to it. Rights are checked first, so that who may
 * not read a repository does not learn whether it exists either.
 * @param options.evenEmpty also one that is out of view because it is empty
 * @throws PackyardError `not_found`, `unauthenticated`, `forbidden`, `invalid_request`
 */
export async function openRepository(
  context: ApiContext,
  c: Requester,
  path: RepositoryPath,
  action: Action,
  options: { readonly evenEmpty?: boolean } = {},
): Promise<OpenRepository> {
  const format = openFormat(context, path.format);
  const ref = { format: format.id, name: parseRepositoryName(path.name) };
  const repository = await context.registry.repository(ref, { evenEmpty: true });
  context.permissions.require(c.var.principal, action, repository ?? { ref, visibility: 'default' });
  if (!repository || !(options.evenEmpty || isInView(repository))) {
    throw notFound(`there is no repository ${formatRepositoryRef(ref)}`, {
      hint: 'GET /api/v1/repositories lists those that you may read; the first upload creates one',
    });
  }
  return { format, repository };
}

/** As `openRepository`, with a package in it. */
export async function openPackage(
  context: ApiContext,
  c: Requester,
  path: RepositoryPath & { readonly package: string },
  action: Action,
): Promise<OpenPackage> {
  const opened = await openRepository(context, c, path, action);
  const name = opened.format.normalizeName(path.package);
  const found = await context.registry.package(opened.repository, name);
  if (!found) throw notFound(`there is no package ${name} in ${formatRepositoryRef(opened.repository.ref)}`);
  return { ...opened, package: found };
}

/**
 * The files of one version, or the one file of it that has this name.
 * @throws PackyardError `not_found`, with the spelling to use where the version is listed under another one
 */
export async function openFiles(
  context: ApiContext,
  { format, repository, package: { name } }: OpenPackage,
  version: string,
  fileName?: string,
): Promise<readonly StoredFile[]> {
  const files = await context.registry.files(repository, name, version);
  if (files.length === 0) {
    const others = await context.registry.files(repository, name);
    const same = others.find((file) => format.compareVersions(file.version, version) === 0);
    throw notFound(`there is no version ${version} of ${name}`, same && { hint: `it is listed as ${same.version}` });
  }
  if (fileName === undefined) return files;
  const named = files.filter((file) => file.name === fileName);
  if (named.length === 0) throw notFound(`there is no file ${fileName} in version ${version} of ${name}`);
  return named;
}
