import { inBatches } from '../database/in-batches.ts';
import { endAlias, endAliases, insertAlias, listAliasesOf, listAliasTargets } from '../database/queries/aliases.ts';
import { listFiles } from '../database/queries/files.ts';
import { endMemberships, listMembershipIds, listPresent, replaceMembership } from '../database/queries/memberships.ts';
import { findPackage, recountPackages, touchPackage, updatePackageStatus } from '../database/queries/packages.ts';
import type { Queryable } from '../database/tables.ts';
import { withPauses } from '../database/with-pauses.ts';
import { notFound, PackyardError } from '../model/errors.ts';
import type { RegistryContext } from './context.ts';
import { refuseImmutable } from './immutable-aliases.ts';
import { inRevision } from './in-revision.ts';
import type { Actor, Alias, PackageStatus, Repository, StoredFile } from './model.ts';

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
  const { count } = await inRevision(context, change, async (trx, revision, present) => {
    const ids: number[] = [];
    const packages = new Set<number>();
    for await (const some of withPauses(inBatches(files))) {
      // Looked up again: a yank in the meantime has given the same file another membership, and an upload may have replaced it.
      const expected = new Map(some.map((file) => [file.path, file.sha256.hex]));
      for (const row of await listPresent(trx, repository.id, [...expected.keys()])) {
        if (row.sha256 !== expected.get(row.path)) continue;
        ids.push(row.id);
        packages.add(row.package_id);
      }
      if (context.linksVersions(repository.ref.format))
        for (const id of packages) await endAliasesOf(trx, present, id, some, revision);
    }
    return endAll(trx, repository, { ids, packages: [...packages] }, revision);
  });
  return count;
}

/** Takes everything of a package out of view. Returns how many files that were. */
export async function removePackage(
  context: RegistryContext,
  repository: Repository,
  name: string,
  actor: Actor,
): Promise<number> {
  const change = { repository, actor, reason: `remove ${name}`, action: 'package.remove', subject: name };
  const { count } = await inRevision(context, change, async (trx, revision) => {
    const pkg = await findPackage(trx, repository.id, name);
    if (!pkg) return 0;
    if (context.linksVersions(repository.ref.format)) await endAliases(trx, pkg.id, revision);
    return endAll(trx, repository, { ids: await listMembershipIds(trx, pkg.id), packages: [pkg.id] }, revision);
  });
  return count;
}

/** The aliases that point at these files' versions end with them. @throws PackyardError `conflict` for one that has to stay */
async function endAliasesOf(
  trx: Queryable,
  { immutableTags }: Repository,
  packageId: number,
  files: readonly StoredFile[],
  revision: number,
): Promise<void> {
  const names = await listAliasesOf(
    trx,
    packageId,
    files.map((file) => file.version),
  );
  for (const name of names) refuseImmutable(immutableTags, name, files[0]?.package ?? '');
  if (names.length > 0) await endAliases(trx, packageId, revision, names);
}

async function endAll(
  trx: Queryable,
  repository: Repository,
  { ids, packages }: { readonly ids: readonly number[]; readonly packages: readonly number[] },
  revision: number,
): Promise<number> {
  let count = 0;
  for await (const some of withPauses(inBatches(ids))) count += await endMemberships(trx, some, revision);
  await recountPackages(trx, repository.id, packages, revision, -count);
  return count;
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
  const change = { repository, actor, reason: reason ?? '', action, subject };
  const { count } = await inRevision(context, change, async (trx, revision) => {
    const pkg = await findPackage(trx, repository.id, target.package);
    const rows = pkg ? await listFiles(trx, pkg.id, target.version) : [];
    const files = rows.filter((row) => target.fileName === undefined || row.name === target.fileName);
    if (!pkg || files.length === 0) throw notFound(`there is no ${subject} in this repository`);
    const changing = files.filter((row) => (row.yanked ?? undefined) !== reason);
    for (const row of changing) await replaceMembership(trx, row.id, revision, { yanked: reason ?? null });
    await touchPackage(trx, pkg.id, revision, 0);
    return changing.length;
  });
  return count;
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
    // Indices show what began and ended since they were made: a package that is no longer offered ends there, and begins again.
    if ((pkg.status === 'quarantined') !== (status === 'quarantined'))
      for (const id of await listMembershipIds(trx, pkg.id)) await replaceMembership(trx, id, revision);
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
  await inRevision(context, change, async (trx, revision, present) => {
    const pkg = await requirePackage(trx, repository, alias.package);
    const before = (await listAliasTargets(trx, pkg.id, [alias.name])).get(alias.name);
    if (before === alias.target) return 0;
    if (before !== undefined) refuseImmutable(present.immutableTags, alias.name, alias.package);
    if (context.linksVersions(repository.ref.format) && (await listFiles(trx, pkg.id, alias.target)).length === 0)
      throw notFound(`there is no ${alias.target} in ${alias.package}`);
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
  const { count } = await inRevision(context, change, async (trx, revision, present) => {
    const pkg = await findPackage(trx, repository.id, packageName);
    if (!pkg || !(await endAlias(trx, pkg.id, name, revision))) return 0;
    refuseImmutable(present.immutableTags, name, packageName);
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
