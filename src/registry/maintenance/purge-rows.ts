import { inBatches } from '../../database/in-batches.ts';
import {
  findEmptyPackages,
  findEmptyVersions,
  findEndedAliases,
  findEndedMemberships,
  findFilesOfNobody,
  findUnnamedBlobs,
} from '../../database/queries/maintenance-garbage.ts';
import {
  condemnUnnamedBlobs,
  deleteCondemnedBlobs,
  deleteEmptyPackages,
  deleteEmptyVersions,
  deleteEnded,
  deleteFilesOfNobody,
  lockRepositoryId,
} from '../../database/queries/maintenance-purge.ts';
import type { Queryable } from '../../database/tables.ts';
import { formatRepositoryRef } from '../../model/repository-ref.ts';
import type { GcRun } from './gc-run.ts';

/** What was deleted or replaced so long ago that nobody can bring it back any more. */
export async function purgeMemberships(run: GcRun): Promise<void> {
  for await (const window of run.windows('memberships')) {
    const rows = await findEndedMemberships(run.read, window, run.before);
    const nameOf = (row: (typeof rows)[number]) => `${formatRepositoryRef(row)} ${row.path}`;
    await run.purge('memberships', rows, nameOf, (trx, ids) => deleteEnded(trx, 'memberships', ids));
  }
}

export async function purgeAliases(run: GcRun): Promise<void> {
  for await (const window of run.windows('aliases')) {
    const rows = await findEndedAliases(run.read, window, run.before);
    const nameOf = (row: (typeof rows)[number]) => `${formatRepositoryRef(row)} ${row.package} ${row.alias}`;
    await run.purge('aliases', rows, nameOf, (trx, ids) => deleteEnded(trx, 'aliases', ids));
  }
}

export async function purgeVersions(run: GcRun): Promise<void> {
  for await (const window of run.windows('versions')) {
    for (const rows of byRepository(await findEmptyVersions(run.read, window, run.before))) {
      const nameOf = (row: (typeof rows)[number]) => `${formatRepositoryRef(row)} ${row.package} ${row.version}`;
      await run.purge('versions', rows, nameOf, underLock(rows, deleteEmptyVersions));
    }
  }
}

export async function purgePackages(run: GcRun): Promise<void> {
  for await (const window of run.windows('packages')) {
    for (const rows of byRepository(await findEmptyPackages(run.read, window, run.before))) {
      const nameOf = (row: (typeof rows)[number]) => `${formatRepositoryRef(row)} ${row.package}`;
      await run.purge('packages', rows, nameOf, underLock(rows, deleteEmptyPackages));
    }
  }
}

export async function purgeFiles(run: GcRun): Promise<void> {
  for await (const window of run.windows('files')) {
    const rows = await findFilesOfNobody(run.read, window, run.before);
    await run.purge('files', rows, (row) => row.name, deleteFilesOfNobody);
  }
}

/**
 * Layers of images that are gone. First they go out of sight, so that clients push them again; who has seen one before can still
 * finish a push that names it. Those that nobody has come back for go in a later run.
 */
export async function purgeUnnamedBlobs(run: GcRun): Promise<void> {
  const now = run.context.now();
  const latest = now - run.abandonedAfter;
  for await (const window of run.windows('package_blobs')) {
    for (const rows of byRepository(await findUnnamedBlobs(run.read, window, run.before))) {
      if (!run.dryRun) await condemn(run, rows, now);
      const going = rows.filter((row) => (row.condemned_at ?? now) <= latest);
      const nameOf = (row: (typeof rows)[number]) => `${formatRepositoryRef(row)} ${row.package}@${row.digest}`;
      const purge = (trx: Queryable, ids: readonly number[]) => deleteCondemnedBlobs(trx, ids, latest);
      await run.purge('layers', going, nameOf, underLock(going, purge));
    }
  }
}

async function condemn(run: GcRun, rows: readonly (OfRepository & { condemned_at: number | null })[], now: number) {
  const fresh = rows.filter((row) => row.condemned_at === null).map((row) => row.id);
  const work = underLock(rows, async (trx, ids) => {
    await condemnUnnamedBlobs(trx, ids, now);
    return ids.length;
  });
  for (const ids of inBatches(fresh)) {
    run.check();
    await run.write((trx) => work(trx, ids));
  }
}

type OfRepository = { readonly id: number; readonly repository_id: number };

function byRepository<Row extends OfRepository>(rows: readonly Row[]): Iterable<readonly Row[]> {
  return Map.groupBy(rows, (row) => row.repository_id).values();
}

/** Every change of a repository locks it first, so under its lock nobody puts anything into a package or version. */
function underLock(
  rows: readonly OfRepository[],
  purge: (trx: Queryable, ids: readonly number[]) => Promise<number>,
): (trx: Queryable, ids: readonly number[]) => Promise<number> {
  return async (trx, ids) => {
    const id = rows[0]?.repository_id;
    return id !== undefined && (await lockRepositoryId(trx, id)) ? purge(trx, ids) : 0;
  };
}
