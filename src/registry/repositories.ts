import {
  beginRevision,
  ensureRepository,
  hideRepository,
  listRemovedRepositories,
  lockRepository,
  type RepositoryRow,
  showRepository,
  updateRepositorySettings,
} from '../database/queries/repositories.ts';
import type { Queryable } from '../database/tables.ts';
import { notFound, PackyardError } from '../model/errors.ts';
import { formatRepositoryRef, type RepositoryRef } from '../model/repository-ref.ts';
import { type RegistryContext, recordEvent } from './context.ts';
import type {
  Actor,
  JsonObject,
  RemovedRepository,
  Repository,
  RepositoryChange,
  RepositorySettings,
  Visibility,
} from './model.ts';
import { toColumns, toRepository } from './rows.ts';
import type { SigningKeys } from './signing/signing-keys.ts';

/** What a repository is when its first upload makes it: it goes out of view again when it is empty. */
export const DEFAULT_SETTINGS: RepositorySettings = {
  visibility: 'default',
  writePolicy: 'immutable',
  downloads: 'default',
  immutableTags: [],
  incompleteImages: 'accept',
  keepEmpty: false,
  retention: { keepVersions: null, keepDays: null },
};

/** @throws PackyardError `conflict` when it exists */
export async function createRepository(
  context: RegistryContext,
  ref: RepositoryRef,
  settings: RepositoryChange,
  actor: Actor,
  signing: SigningKeys,
): Promise<Repository> {
  const key = signing.signs(ref.format) ? await signing.prepare(ref) : undefined;
  return context.database.write(async (trx) => {
    const now = context.now();
    // Whoever makes one by hand wants to see it, also while it is empty.
    const chosen = withChange({ ...DEFAULT_SETTINGS, keepEmpty: true }, settings);
    const { row, isNew } = await ensureRepository(trx, ref, toColumns(chosen), now);
    if (!isNew && isInView(toRepository(row))) {
      throw new PackyardError('conflict', `the repository ${formatRepositoryRef(ref)} exists already`);
    }
    await updateRepositorySettings(trx, row.id, toColumns(chosen));
    if (isNew && key) await signing.add(trx, row.id, key, actor.name);
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
  settings: RepositoryChange,
  actor: Actor,
): Promise<Repository> {
  return context.database.write(async (trx) => {
    const row = await lockRepository(trx, ref);
    if (!row || !isInView(toRepository(row))) throw noRepository(ref);
    const repository = withChange({ ...toRepository(row), keepEmpty: true }, settings);
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
    await hide(context, trx, row, { actor, reason: 'remove the repository' });
  });
}

async function hide(
  context: RegistryContext,
  trx: Queryable,
  row: RepositoryRow,
  by: { readonly actor: Actor; readonly reason: string },
): Promise<void> {
  const at = context.now();
  await beginRevision(trx, row, { actor: by.actor.name, reason: by.reason, at });
  await hideRepository(trx, row, at);
  await recordEvent(trx, { action: 'repository.remove', actor: by.actor, at, repository: row });
}

/** Removed repositories that can be brought back, or those of them that were called this, the last removed first. */
export async function listRemoved(
  context: RegistryContext,
  filter: { readonly format?: string; readonly name?: string; readonly id?: number },
): Promise<readonly RemovedRepository[]> {
  const rows = await listRemovedRepositories(context.database.read, filter);
  return rows.map((row) => ({
    id: row.id,
    ref: { format: row.format, name: row.removed_name ?? row.name },
    visibility: row.visibility as Visibility,
    fileCount: row.file_count,
    removedAt: row.at,
    removedBy: row.actor,
    until: row.at + context.grace,
  }));
}

/**
 * Brings a removed repository back under its name, with everything that was in it. An empty one that is out of view makes way.
 * @throws PackyardError `not_found`, `conflict` when its name belongs to another one now
 */
export async function undeleteRepository(context: RegistryContext, id: number, actor: Actor): Promise<Repository> {
  return context.database.write(async (trx) => {
    const [found] = await listRemovedRepositories(trx, { id });
    if (!found) throw goneForGood(id);
    const ref = { format: found.format, name: found.removed_name ?? found.name };
    const inTheWay = await lockRepository(trx, ref);
    // By the name that it has now: locked, and neither brought back nor begun to be purged since.
    const row = await lockRepository(trx, found);
    if (row?.removed_name !== ref.name) throw goneForGood(id);
    if (inTheWay && isInView(toRepository(inTheWay))) throw nameTaken(ref);
    if (inTheWay) await hide(context, trx, inTheWay, { actor, reason: 'make way for the one that was removed' });
    const at = context.now();
    const revision = await beginRevision(trx, row, { actor: actor.name, reason: 'undelete the repository', at });
    await showRepository(trx, row.id, ref.name);
    await recordEvent(trx, { action: 'repository.undelete', actor, at, repository: ref, detail: { revision } });
    return toRepository({ ...row, name: ref.name, revision });
  });
}

function goneForGood(id: number): PackyardError {
  return notFound(`there is no removed repository with the number ${id}`, {
    hint: 'packyard undelete --list shows them; after the grace period they are gone for good',
  });
}

function nameTaken(ref: RepositoryRef): PackyardError {
  const name = formatRepositoryRef(ref);
  return new PackyardError('conflict', `there is another repository ${name} now`, {
    hint: `packyard repo delete ${name} removes that one; then this one can come back`,
  });
}

/** One that an upload made is there only as long as something is in it. */
export function isInView(repository: Repository): boolean {
  return repository.fileCount > 0 || repository.keepEmpty;
}

function withChange<Before extends RepositorySettings>(before: Before, change: RepositoryChange): Before {
  const { retention, ...others } = change;
  const rules = retention === null ? DEFAULT_SETTINGS.retention : { ...before.retention, ...retention };
  return { ...before, ...others, retention: rules };
}

function toDetail({ retention, ...settings }: RepositoryChange): JsonObject {
  return { ...settings, ...(retention === null ? DEFAULT_SETTINGS.retention : retention) };
}

export function noRepository(ref: RepositoryRef): PackyardError {
  return notFound(`there is no repository ${formatRepositoryRef(ref)}`, {
    hint: 'check the spelling; the first upload creates a repository',
  });
}
