import type { OpenOptions } from '../formats/format.ts';
import type { Action, Principal } from '../model/principal.ts';
import type { RepositoryRef } from '../model/repository-ref.ts';
import type { Repository } from '../registry/model.ts';
import type { Permissions } from '../registry/permissions.ts';
import type { Registry } from '../registry/registry.ts';
import { DEFAULT_SETTINGS, isInView, noRepository } from '../registry/repositories.ts';

/**
 * Finds a repository and checks that the caller may do this with it. One that a write would create is answered as it would
 * be, with id 0; one that is out of view because it is empty has its rights all the same, for a write brings it back. Whoever may not read here is asked to log in before being told that something does not exist.
 * @throws PackyardError `not_found`, `unauthenticated`, `forbidden`
 */
export async function openRepository(
  registry: Registry,
  permissions: Permissions,
  ref: RepositoryRef,
  { principal, action, within, evenEmpty = false }: OpenOptions & { principal: Principal; action: Action },
): Promise<Repository> {
  const found = await registry.repository(ref, { evenEmpty: true });
  const repository = found ?? { ...DEFAULT_SETTINGS, id: 0, ref, revision: 0, fileCount: 0, createdAt: 0 };
  permissions.require(principal, action, { ...repository, within });
  if (action !== 'write' && !(found && (evenEmpty || isInView(found)))) throw noRepository(ref);
  return repository;
}
