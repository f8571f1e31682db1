import {
  deleteRepository,
  findRepository,
  insertRepository,
  updateRepositorySettings,
} from '../database/queries/repositories.ts';
import { notFound, PackyardError } from '../model/errors.ts';
import { formatRepositoryRef, type RepositoryRef } from '../model/repository-ref.ts';
import { type RegistryContext, recordEvent } from './context.ts';
import type { Actor, Repository, RepositorySettings } from './model.ts';
import { toRepository } from './rows.ts';

/** What a repository is when its first upload makes it. */
export const DEFAULT_SETTINGS: RepositorySettings = { visibility: 'default', writePolicy: 'immutable' };

/** @throws PackyardError `conflict` when it exists */
export async function createRepository(
  context: RegistryContext,
  ref: RepositoryRef,
  settings: Partial<RepositorySettings>,
  actor: Actor,
): Promise<Repository> {
  return context.database.write(async (trx) => {
    if (await findRepository(trx, ref)) {
      throw new PackyardError('conflict', `the repository ${formatRepositoryRef(ref)} exists already`);
    }
    const now = context.now();
    const row = await insertRepository(trx, ref, { ...DEFAULT_SETTINGS, ...settings }, now);
    await recordEvent(trx, { action: 'repository.create', actor, at: now, repository: ref, detail: { ...settings } });
    return toRepository(row);
  });
}

/** @throws PackyardError `not_found` */
export async function updateRepository(
  context: RegistryContext,
  ref: RepositoryRef,
  settings: Partial<RepositorySettings>,
  actor: Actor,
): Promise<Repository> {
  return context.database.write(async (trx) => {
    const row = await findRepository(trx, ref);
    if (!row) throw noRepository(ref);
    const repository = { ...toRepository(row), ...settings };
    await updateRepositorySettings(trx, row.id, repository);
    await recordEvent(trx, {
      action: 'repository.update',
      actor,
      at: context.now(),
      repository: ref,
      detail: { ...settings },
    });
    return repository;
  });
}

/** Removes the repository and all that was ever in it. @throws PackyardError `not_found` */
export async function removeRepository(context: RegistryContext, ref: RepositoryRef, actor: Actor): Promise<void> {
  await context.database.write(async (trx) => {
    const row = await findRepository(trx, ref);
    if (!row) throw noRepository(ref);
    await deleteRepository(trx, row.id);
    await recordEvent(trx, { action: 'repository.remove', actor, at: context.now(), repository: ref });
  });
}

export function noRepository(ref: RepositoryRef): PackyardError {
  return notFound(`there is no repository ${formatRepositoryRef(ref)}`, {
    hint: 'check the spelling; the first upload creates a repository',
  });
}
