import { inBatches } from '../database/in-batches.ts';
import { endVersions } from '../database/queries/memberships.ts';
import { listVersionReferences } from '../database/queries/package-blobs.ts';
import { recountPackages } from '../database/queries/packages.ts';
import { listRepositories } from '../database/queries/repositories.ts';
import {
  listAliasTargets,
  listPackagesAbove,
  listVersions,
  sumSizes,
  type VersionRow,
} from '../database/queries/retention.ts';
import type { Queryable } from '../database/tables.ts';
import { withPauses } from '../database/with-pauses.ts';
import type { RepositoryRef } from '../model/repository-ref.ts';
import { describeRetention, hasRules, type Retention } from '../model/retention.ts';
import type { RegistryContext } from './context.ts';
import { inRevision } from './in-revision.ts';
import { LinkedVersions } from './linked-versions.ts';
import type { Actor, ExpiredVersion, Repository, RetentionOutcome } from './model.ts';
import { toRepository } from './rows.ts';

const DAY = 86_400_000;
/** Milliseconds in which whoever pushes something that is made of several versions gets done with it. */
const PUSHED_WITHIN = DAY;
/** Packages that are looked at in one go. */
const PACKAGES = 200;
/** Versions that one revision takes away at about the most: as long as that takes, nobody else can publish there. */
const VERSIONS = 20_000;

type PackageRow = Awaited<ReturnType<typeof listPackagesAbove>>[number];

interface Expired extends VersionRow {
  readonly package: string;
  readonly reason: string;
}

/**
 * One page of what the rules would take away, by package.
 * @param page `after` is the package that the page before ended with; a page ends with the package that fills it
 */
export async function previewRetention(
  context: RegistryContext,
  repository: Repository,
  page: { readonly after?: string; readonly limit: number },
): Promise<{ readonly items: readonly ExpiredVersion[]; readonly next?: string }> {
  const { read } = context.database;
  const items: ExpiredVersion[] = [];
  for await (const packages of packagesInBatches(read, repository, page.after)) {
    const expired = await withSizes(read, await findExpired(context, read, repository, packages));
    const byPackage = Map.groupBy(expired, (version) => version.package);
    for (const [name, versions] of byPackage) {
      items.push(...versions);
      if (items.length >= page.limit) return { items, next: name };
    }
  }
  return { items };
}

/**
 * Takes away what the rules do not keep: looked for first, then looked at again in the transaction that ends it, so that
 * nothing goes that was published, held or freed from its rule meanwhile. One revision, as long as there is not too much.
 */
export async function applyRetention(
  context: RegistryContext,
  repository: Repository,
  actor: Actor,
  check: () => void = () => {},
): Promise<RetentionOutcome> {
  let total: RetentionOutcome = { versions: 0, files: 0, size: 0, revisions: [] };
  for await (const packages of packagesWithExpired(context, repository, check)) {
    check();
    const done = await removeExpired(context, repository, packages, actor);
    total = {
      versions: total.versions + done.versions,
      files: total.files + done.files,
      size: total.size + done.size,
      revisions: [...total.revisions, ...done.revisions],
    };
  }
  return total;
}

export interface RetentionRun extends RetentionOutcome {
  readonly repository: RepositoryRef;
}

/**
 * Applies the rules of every repository that has some, one after another. A repository in which that fails holds up no other.
 * @param check called often: what it throws ends the work there
 * @returns where something was taken away
 * @throws the first failure, when all the others are done
 */
export async function applyRetentionEverywhere(
  context: RegistryContext,
  actor: Actor,
  check: () => void = () => {},
): Promise<readonly RetentionRun[]> {
  const runs: RetentionRun[] = [];
  const failures: unknown[] = [];
  const all = (await listRepositories(context.database.read)).map(toRepository);
  for (const repository of all.filter(({ retention }) => hasRules(retention))) {
    check();
    try {
      const done = await applyRetention(context, repository, actor, check);
      if (done.versions > 0) runs.push({ repository: repository.ref, ...done });
    } catch (error) {
      check();
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return runs;
}

/** What no rule may take away, however old it is: what people and clients get when they ask for no particular version. */
function isHeld(
  { version }: VersionRow,
  by: { readonly aliased: ReadonlySet<string>; readonly newest: ReadonlySet<string> },
): boolean {
  return by.aliased.has(version) || by.newest.has(version);
}

async function findExpired(
  context: RegistryContext,
  db: Queryable,
  { ref, retention }: Pick<Repository, 'ref' | 'retention'>,
  packages: readonly PackageRow[],
): Promise<Expired[]> {
  if (!hasRules(retention)) return [];
  const ids = packages.map(({ id }) => id);
  const versions = Map.groupBy(await listVersions(db, ids), (row) => row.package_id);
  const aliases = Map.groupBy(await listAliasTargets(db, ids), (row) => row.package_id);
  const isLinked = context.linksVersions(ref.format);
  const links = isLinked ? Map.groupBy(await listVersionReferences(db, ids), (row) => row.package_id) : undefined;
  const now = context.now();
  return packages.flatMap(({ id, name }) => {
    const all = (versions.get(id) ?? []).sort((a, b) => b.published_at - a.published_at || b.id - a.id);
    const linked = links && new LinkedVersions(all, links.get(id) ?? []);
    // What belongs to another version does not count as one: it stays and goes with that.
    const byAge = linked ? all.filter((version) => !linked.belongsToAnother(version)) : all;
    const tooOld = byAge.filter((version, index) => !isKept(version, index, retention, now));
    if (tooOld.length === 0) return [];
    const aliased = new Set(aliases.get(id)?.map(({ target }) => target));
    const candidates = byAge.map((row) => ({ version: row.version, yanked: row.yanked_files === row.files }));
    // Digests have no newest one but the last that came.
    const offered = isLinked ? [] : context.newestVersions(ref.format, candidates);
    const newest = new Set([byAge[0]?.version ?? '', ...offered]);
    // The images of an index come first, and belong to nobody until it comes.
    const isComing = (version: VersionRow): boolean => isLinked && version.published_at > now - PUSHED_WITHIN;
    const expired = tooOld.filter((version) => !isHeld(version, { aliased, newest }) && !isComing(version));
    const going = linked ? linked.goingWith(expired, (version) => isHeld(version, { aliased, newest })) : expired;
    return going.map((version) => ({ ...version, package: name, reason: reasonOf(version, retention, now) }));
  });
}

/** @param index how many versions of the package are newer */
function isKept(version: VersionRow, index: number, { keepVersions, keepDays }: Retention, now: number): boolean {
  return (
    (keepVersions !== null && index < keepVersions) ||
    (keepDays !== null && version.published_at >= now - keepDays * DAY)
  );
}

function reasonOf(version: VersionRow, { keepVersions, keepDays }: Retention, now: number): string {
  const days = Math.floor((now - version.published_at) / DAY);
  return [
    ...(keepVersions === null ? [] : [keepVersions === 1 ? 'not the newest' : `not among the newest ${keepVersions}`]),
    ...(keepDays === null ? [] : [`published ${days} days ago`]),
  ].join(', ');
}

/** The packages from which something can go, by name. */
async function* packagesInBatches(
  db: Queryable,
  { id, retention }: Repository,
  after = '',
): AsyncGenerator<readonly PackageRow[]> {
  if (!hasRules(retention)) return;
  // So few files are no more versions than are kept; and of one version, that is the newest.
  const files = Math.max(1, retention.keepVersions ?? 1);
  for (let last = after; ; ) {
    const packages = await listPackagesAbove(db, id, { after: last, limit: PACKAGES, files });
    if (packages.length > 0) yield packages;
    if (packages.length < PACKAGES) return;
    // A driver that answers at once would otherwise never let timers and sockets have a turn.
    await new Promise((resolve) => setImmediate(resolve));
    last = packages.at(-1)?.name ?? last;
  }
}

/** Packages from which something would go, in portions for one revision. */
async function* packagesWithExpired(
  context: RegistryContext,
  repository: Repository,
  check: () => void,
): AsyncGenerator<readonly PackageRow[]> {
  const { read } = context.database;
  let portion: PackageRow[] = [];
  let versions = 0;
  for await (const packages of packagesInBatches(read, repository)) {
    check();
    const expired = Map.groupBy(
      await findExpired(context, read, repository, packages),
      (version) => version.package_id,
    );
    for (const row of packages.filter(({ id }) => expired.has(id))) {
      portion.push(row);
      versions += expired.get(row.id)?.length ?? 0;
      if (versions < VERSIONS) continue;
      yield portion;
      portion = [];
      versions = 0;
    }
  }
  if (portion.length > 0) yield portion;
}

async function removeExpired(
  context: RegistryContext,
  repository: Repository,
  packages: readonly PackageRow[],
  actor: Actor,
): Promise<RetentionOutcome> {
  const reason = `retention: ${describeRetention(repository.retention)}`;
  const subject = packages.length === 1 ? (packages[0]?.name ?? '') : `${packages.length} packages`;
  let gone = { versions: 0, size: 0 };
  const { count, revision } = await inRevision(
    context,
    { repository, actor, reason, action: 'retention.apply', subject },
    async (trx, number, present) => {
      let files = 0;
      const changed = new Set<number>();
      gone = { versions: 0, size: 0 };
      for await (const some of withPauses(inBatches(packages, PACKAGES))) {
        for await (const expired of withPauses(inBatches(await findExpired(context, trx, present, some)))) {
          const sized = await withSizes(trx, expired);
          const ids = expired.map(({ id }) => id);
          files += await endVersions(trx, ids, number);
          for (const version of expired) changed.add(version.package_id);
          gone.versions += sized.length;
          gone.size += sized.reduce((sum, { size }) => sum + size, 0);
        }
      }
      await recountPackages(trx, repository.id, [...changed], number, -files);
      return files;
    },
  );
  return { ...gone, files: count, revisions: count === 0 ? [] : [revision] };
}

async function withSizes(db: Queryable, versions: readonly Expired[]): Promise<ExpiredVersion[]> {
  const sizes = new Map<number, number>();
  for await (const some of withPauses(inBatches(versions))) {
    const ids = some.map(({ id }) => id);
    for (const row of await sumSizes(db, ids)) sizes.set(row.version_id, row.size);
  }
  return versions.map(({ id, package: name, version, files, published_at, reason }) => ({
    package: name,
    version,
    files,
    size: sizes.get(id) ?? 0,
    publishedAt: published_at,
    reason,
  }));
}
