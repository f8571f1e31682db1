import { endAlias, insertAlias } from '../database/queries/aliases.ts';
import { findFileAt, listFiles } from '../database/queries/files.ts';
import { endMembership, replaceYank } from '../database/queries/memberships.ts';
import { findPackage, touchPackage, updatePackageStatus } from '../database/queries/packages.ts';
import { beginRevision, lockRepository } from '../database/queries/repositories.ts';
import type { Queryable } from '../database/tables.ts';
import { notFound, PackyardError } from '../model/errors.ts';
import { type RegistryContext, recordEvent } from './context.ts';
import type { Actor, Alias, PackageStatus, Repository, StoredFile } from './model.ts';
import { noRepository } from './repositories.ts';

interface Change {
  readonly repository: Repository;
  readonly actor: Actor;
  /** For the revision's and the audit log's readers. */
  readonly reason: string;
  readonly action: string;
  readonly subject: string;
}

/** Runs one change of a repository as one revision with one event. `apply` says how many things it changed; 0 undoes all. */
async function inRevision(
  context: RegistryContext,
  change: Change,
  apply: (trx: Queryable, revision: number) => Promise<number>,
): Promise<number> {
  const nothing = Symbol('nothing to change');
  return context.database
    .write(async (trx) => {
      const { repository, actor, reason, action, subject } = change;
      const row = await lockRepository(trx, repository.ref);
      if (row?.id !== repository.id) throw noRepository(repository.ref);
      const at = context.now();
      const revision = await beginRevision(trx, row, { actor: actor.name, reason, at });
      const count = await apply(trx, revision);
      if (count === 0) throw nothing;
      await recordEvent(trx, {
        action,
        actor,
        at,
        repository: repository.ref,
        subject,
        detail: { reason, count, revision },
      });
      return count;
    })
    .catch((error: unknown) => {
      if (error === nothing) return 0;
      throw error;
    });
}

/** Takes files out of view; their bytes stay for as long as anything refers to them. Returns how many were there. */
export async function removeFiles(
  context: RegistryContext,
  repository: Repository,
  files: readonly StoredFile[],
  actor: Actor,
  reason = '',
): Promise<number> {
  const subject = files.length === 1 ? (files[0]?.path ?? '') : `${files.length} files`;
  const change = { repository, actor, reason: reason || `remove ${subject}`, action: 'file.remove', subject };
  return inRevision(context, change, async (trx, revision) => {
    let removed = 0;
    for (const file of files) {
      // Looked up again: a yank in the meantime has given the same file another membership.
      const present = await findFileAt(trx, repository.id, file.path);
      if (present?.sha256 !== file.sha256.hex || !(await endMembership(trx, present.id, revision))) continue;
      const pkg = await findPackage(trx, repository.id, file.package);
      if (pkg) await touchPackage(trx, pkg.id, revision, -1);
      removed++;
    }
    return removed;
  });
}

/** Marks or unmarks files as yanked; returns how many changed. @throws PackyardError `not_found` */
export async function yankFiles(
  context: RegistryContext,
  repository: Repository,
  target: { readonly package: string; readonly version: string; readonly fileName?: string },
  reason: string | undefined,
  actor: Actor,
): Promise<number> {
  const subject = [target.package, target.version, target.fileName].filter(Boolean).join('/');
  const action = reason === undefined ? 'file.unyank' : 'file.yank';
  return inRevision(context, { repository, actor, reason: reason ?? '', action, subject }, async (trx, revision) => {
    const pkg = await findPackage(trx, repository.id, target.package);
    const rows = pkg ? await listFiles(trx, pkg.id, target.version) : [];
    const files = rows.filter((row) => target.fileName === undefined || row.name === target.fileName);
    if (!pkg || files.length === 0) throw notFound(`there is no ${subject} in this repository`);
    const changing = files.filter((row) => (row.yanked ?? undefined) !== reason);
    for (const row of changing) await replaceYank(trx, row.id, revision, reason ?? null);
    await touchPackage(trx, pkg.id, revision, 0);
    return changing.length;
  });
}

/** @throws PackyardError `not_found` */
export async function setPackageStatus(
  context: RegistryContext,
  repository: Repository,
  name: string,
  status: PackageStatus,
  reason: string,
  actor: Actor,
): Promise<void> {
  const change = { repository, actor, reason, action: `package.${status}`, subject: name };
  await inRevision(context, change, async (trx, revision) => {
    const pkg = await requirePackage(trx, repository, name);
    await updatePackageStatus(trx, pkg.id, status, reason);
    await touchPackage(trx, pkg.id, revision, 0);
    return 1;
  });
}

/** Points an alias at a target, wherever it pointed before. @throws PackyardError `not_found` */
export async function setAlias(
  context: RegistryContext,
  repository: Repository,
  alias: Alias,
  actor: Actor,
): Promise<void> {
  const subject = `${alias.package}/${alias.name}`;
  const change = { repository, actor, reason: `${alias.name} → ${alias.target}`, action: 'alias.set', subject };
  await inRevision(context, change, async (trx, revision) => {
    const pkg = await requirePackage(trx, repository, alias.package);
    if ((await listFiles(trx, pkg.id, alias.name)).length > 0) {
      throw new PackyardError('conflict', `${alias.name} is a version of ${alias.package}, so it cannot be an alias`);
    }
    await endAlias(trx, pkg.id, alias.name, revision);
    const { name, target } = alias;
    await insertAlias(trx, { repositoryId: repository.id, packageId: pkg.id, name, target, revision });
    await touchPackage(trx, pkg.id, revision, 0);
    return 1;
  });
}

/** False when there was no such alias. */
export async function removeAlias(
  context: RegistryContext,
  repository: Repository,
  packageName: string,
  name: string,
  actor: Actor,
): Promise<boolean> {
  const change = {
    repository,
    actor,
    reason: `remove ${name}`,
    action: 'alias.remove',
    subject: `${packageName}/${name}`,
  };
  const count = await inRevision(context, change, async (trx, revision) => {
    const pkg = await findPackage(trx, repository.id, packageName);
    if (!pkg || !(await endAlias(trx, pkg.id, name, revision))) return 0;
    await touchPackage(trx, pkg.id, revision, 0);
    return 1;
  });
  return count > 0;
}

async function requirePackage(trx: Queryable, repository: Repository, name: string) {
  const pkg = await findPackage(trx, repository.id, name);
  if (!pkg || pkg.file_count === 0) throw notFound(`there is no package ${name} in this repository`);
  return pkg;
}
