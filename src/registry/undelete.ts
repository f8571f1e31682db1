import { inBatches } from '../database/in-batches.ts';
import {
  type DeletedFilter,
  listAliasedVersions,
  listDeleted,
  listDeletedIds,
  listTakenPaths,
  restoreMemberships,
} from '../database/queries/deleted.ts';
import { recountPackages } from '../database/queries/packages.ts';
import type { Queryable } from '../database/tables.ts';
import { withPauses } from '../database/with-pauses.ts';
import { Digest } from '../model/digest.ts';
import { notFound, PackyardError } from '../model/errors.ts';
import { formatRepositoryRef } from '../model/repository-ref.ts';
import type { RegistryContext } from './context.ts';
import { type ChangeOutcome, inRevision } from './in-revision.ts';
import type { Actor, DeletedFile, Repository, UndeleteTarget } from './model.ts';

/** Files that are looked for in one go. */
const PAGE = 2000;
/** Paths that a refusal names at the most. */
const NAMED = 5;

/** What can be brought back, the last deleted first; `before` is where the page before ended. */
export async function listDeletedFiles(
  context: RegistryContext,
  repository: Repository,
  target: UndeleteTarget,
  page: { readonly before?: Pick<DeletedFile, 'revision' | 'id'>; readonly limit: number },
): Promise<readonly DeletedFile[]> {
  const rows = await listDeleted(context.database.read, toFilter(repository, target), page);
  return rows.map(({ at, actor, sha256, ...row }) => ({
    ...row,
    sha256: Digest.sha256(sha256),
    removedAt: at,
    removedBy: actor,
    until: at + context.grace,
  }));
}

/**
 * Puts deleted files back where they were, with the time of publishing and the yank mark that they had, in one revision.
 * Of several files that were at one path, the last comes back.
 * @throws PackyardError `not_found` when there is nothing to bring back, `conflict` when another file or an alias has its place
 */
export async function undelete(
  context: RegistryContext,
  repository: Repository,
  target: UndeleteTarget,
  actor: Actor,
): Promise<ChangeOutcome> {
  const subject = describeTarget(target);
  const filter = toFilter(repository, target);
  const change = { repository, actor, reason: `undelete ${subject}`, action: 'file.undelete', subject };
  const outcome = await inRevision(context, change, async (trx, revision) => {
    if (!target.skipTaken) await refuseTaken(trx, filter);
    await refuseAliased(trx, filter);
    return restore(trx, filter, revision);
  });
  if (outcome.count === 0) throw nothingLeft(context, repository, subject);
  return outcome;
}

async function restore(trx: Queryable, filter: DeletedFilter, revision: number): Promise<number> {
  const packages = new Set<number>();
  let count = 0;
  for (let after = 0; ; ) {
    const found = await listDeletedIds(trx, filter, { after, limit: PAGE });
    for (const { package_id } of found) packages.add(package_id);
    for await (const some of withPauses(inBatches(found)))
      count += await restoreMemberships(
        trx,
        some.map(({ id }) => id),
        revision,
      );
    const last = found.at(-1);
    if (!last || found.length < PAGE) break;
    after = last.id;
  }
  await recountPackages(trx, filter.repositoryId, [...packages], revision, count);
  return count;
}

function toFilter(repository: Repository, target: UndeleteTarget): DeletedFilter {
  const { package: name, version, fileName, revision } = target;
  return { repositoryId: repository.id, package: name, version, fileName, revision };
}

function describeTarget({ package: name, version, fileName, revision }: UndeleteTarget): string {
  const path = [name, version, fileName].filter(Boolean).join('/');
  const of = revision === undefined ? '' : `what revision ${revision} removed`;
  return [path, of].filter(Boolean).join(': ');
}

async function refuseTaken(trx: Queryable, filter: DeletedFilter): Promise<void> {
  // A file that was replaced was not deleted. It is spoken of only to whoever asks for exactly that.
  const replaced = filter.fileName !== undefined || filter.revision !== undefined;
  const paths = await listTakenPaths(trx, filter, { replaced, limit: NAMED + 1 });
  if (paths.length === 0) return;
  const named = [...paths.slice(0, NAMED), ...(paths.length > NAMED ? ['…'] : [])].join(', ');
  throw new PackyardError('conflict', `other files have taken the place of ${named}`, {
    hint: 'delete those first, or leave these out: packyard undelete --skip-taken',
  });
}

async function refuseAliased(trx: Queryable, filter: DeletedFilter): Promise<void> {
  const [aliased] = await listAliasedVersions(trx, filter);
  if (!aliased) return;
  throw new PackyardError(
    'conflict',
    `${aliased.version} is an alias of ${aliased.package} now, so it cannot be a version`,
    {
      hint: 'remove the alias first: packyard alias delete',
    },
  );
}

function nothingLeft(context: RegistryContext, repository: Repository, subject: string): PackyardError {
  return notFound(`there is nothing to bring back of ${subject}`, {
    hint: `packyard undelete --list ${formatRepositoryRef(repository.ref)} shows what can be; deleted things go for good after ${describeGrace(context.grace)}`,
  });
}

/** A grace period for people: whole days where it is that long, else hours or minutes. */
export function describeGrace(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  const [amount, unit] =
    minutes >= 2880 ? [minutes / 1440, 'days'] : minutes >= 120 ? [minutes / 60, 'hours'] : [minutes, 'minutes'];
  return `${Math.floor(amount)} ${unit}`;
}
