import type { Context } from 'hono';
import type { Format, HttpEnv } from '../formats/format.ts';
import { notFound } from '../model/errors.ts';
import { formatRepositoryRef, parseRepositoryName } from '../model/repository-ref.ts';
import type { Repository } from '../registry/model.ts';
import { isInView } from '../registry/repositories.ts';
import type { WebContext } from './context.ts';

export interface OpenRepository {
  readonly format: Format;
  readonly repository: Repository;
}

/**
 * The repository in the page's address, if the visitor may read it.
 * @throws PackyardError `not_found`, `unauthenticated`, `forbidden`, `invalid_request`
 */
export async function openRepository(context: WebContext, c: Context<HttpEnv>): Promise<OpenRepository> {
  const { format: formatName = '', name = '' } = c.req.param();
  const format = findFormat(context, formatName);
  const ref = { format: format.id, name: parseRepositoryName(name) };
  const repository = await context.registry.repository(ref, { evenEmpty: true });
  context.permissions.require(c.var.principal, 'read', repository ?? { ref, visibility: 'default' });
  if (!repository || !isInView(repository)) throw notFound(`There is no repository ${formatRepositoryRef(ref)}.`);
  return { format, repository };
}

/** A format by its id or an older name. @throws PackyardError `not_found` */
export function findFormat(context: WebContext, name: string): Format {
  const found = context.formats.find(({ id, olderNames }) => id === name || olderNames.includes(name));
  if (!found) throw notFound('There is no such format.');
  return found;
}
