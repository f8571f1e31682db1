import {
  ensureRepository,
  hideRepository,
  lockRepository,
  updateRepositorySettings,
} from '../database/queries/repositories.ts';
import { notFound, PackyardError } from '../model/errors.ts';
import { formatRepositoryRef, type RepositoryRef } from '../model/repository-ref.ts';
import { type RegistryContext, recordEvent } from './context.ts';
import type { Actor, JsonObject, Repository, RepositorySettings } from './model.ts';
import { toColumns, toRepository } from './rows.ts';

/** What a repository is when its first upload makes it: it goes out of view again when it is empty. */
export const DEFAULT_SETTINGS: RepositorySettings = {
  visibility: 'default',
  writePolicy: 'immutable',
  downloads: 'default',
  keepEmpty: false,
  retention: { keepVersions: null, keepDays: null },
};

/** @throws PackyardError `conflict` when it exists */
export async function createRepository(
  context: RegistryContext,
  ref: RepositoryRef,
  settings: Partial<RepositorySettings>,
  actor: Actor,
): Promise<Repository> {
  return context.database.write(async (trx) => {
    const now = context.now();
    // Whoever makes one by hand wants to see it, also while it is empty.
    const chosen = { ...DEFAULT_SETTINGS, keepEmpty: true, ...settings };
    const { row, isNew } = await ensureRepository(trx, ref, toColumns(chosen), now);
    if (!isNew && isInView(toRepository(row))) {
      throw new PackyardError('conflict', `the repository ${formatRepositoryRef(ref)} exists already`);
    }
    await updateRepositorySettings(trx, row.id, toColumns(chosen));
    await recordEvent(trx, {
      action: 'repository.create',
      actor,
      at: now,
      repository: ref,
      detail: toDetail(settings),
    });
    return { ...toRepository(row), ...chosen };
  });
}

/** Choosing a setting also keeps the repository in view when it is empty, so that the choice is not forgotten. @throws PackyardError `not_found` */
export async function updateRepository(
  context: RegistryContext,
  ref: RepositoryRef,
  settings: Partial<RepositorySettings>,
  actor: Actor,
): Promise<Repository> {
  return context.database.write(async (trx) => {
    const row = await lockRepository(trx, ref);
    if (!row || !isInView(toRepository(row))) throw noRepository(ref);
    const repository = { ...toRepository(row), keepEmpty: true, ...settings };
    await updateRepositorySettings(trx, row.id, toColumns(repository));
    const at = context.now();
    await recordEvent(trx, { action: 'repository.update', actor, at, repository: ref, detail: toDetail(settings) });
    return repository;
  });
}

/** Takes the repository with all that is in it out of view. It can be brought back until it is purged. @throws PackyardError `not_found` */
export async function removeRepository(context: RegistryContext, ref: RepositoryRef, actor: Actor): Promise<void> {
  await context.database.write(async (trx) => {
    const row = await lockRepository(trx, ref);
    if (!row || !isInView(toRepository(row))) throw noRepository(ref);
    const at = context.now();
    await hideRepository(trx, row, at);
    await recordEvent(trx, { action: 'repository.remove', actor, at, repository: ref });
  });
}

/** One that an upload made is there only as long as something is in it. */
export function isInView(repository: Repository): boolean {
  return repository.fileCount > 0 || repository.keepEmpty;
}

function toDetail({ retention, ...settings }: Partial<RepositorySettings>): JsonObject {
  return { ...settings, ...retention };
}

export function noRepository(ref: RepositoryRef): PackyardError {
  return notFound(`there is no repository ${formatRepositoryRef(ref)}`, {
    hint: 'check the spelling; the first upload creates a repository',
  });
}
