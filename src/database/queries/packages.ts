import { type Selectable, sql } from 'kysely';
import { inBatches } from '../in-batches.ts';
import { type Queryable, STILL_THERE, type Tables } from '../tables.ts';
import { withPauses } from '../with-pauses.ts';

export type PackageRow = Selectable<Tables['packages']>;

/** The package, also when nothing is in it any more. */
export async function findPackage(db: Queryable, repositoryId: number, name: string): Promise<PackageRow | undefined> {
  return db
    .selectFrom('packages')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .where('name', '=', name)
    .executeTakeFirst();
}

/** Packages that have files, by name, after `after`. */
export async function listPackages(
  db: Queryable,
  repositoryId: number,
  page: { readonly after?: string; readonly limit: number },
): Promise<PackageRow[]> {
  return db
    .selectFrom('packages')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .where('file_count', '>', 0)
    .where('name', '>', page.after ?? '')
    .orderBy('name')
    .limit(page.limit)
    .execute();
}

/** The names of all packages that have files, in order. */
export async function listPackageNames(db: Queryable, repositoryId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('packages')
    .select('name')
    .where('repository_id', '=', repositoryId)
    .where('file_count', '>', 0)
    .orderBy('name')
    .execute();
  return rows.map((row) => row.name);
}

/** Notes that a package changed in this revision, and by how many files it and its repository grew or shrank. */
export async function touchPackage(trx: Queryable, id: number, revision: number, growth: number): Promise<void> {
  const grown = sql<number>`file_count + ${growth}`;
  await trx.updateTable('packages').set({ revision, file_count: grown }).where('id', '=', id).execute();
  if (growth === 0) return;
  const repository = trx.selectFrom('packages').select('repository_id').where('id', '=', id);
  await trx.updateTable('repositories').set({ file_count: grown }).where('id', '=', repository).execute();
}

/** The same for many packages of one repository, which are counted anew. @param growth of all of them together */
export async function recountPackages(
  trx: Queryable,
  repositoryId: number,
  ids: readonly number[],
  revision: number,
  growth: number,
): Promise<void> {
  for await (const some of withPauses(inBatches(ids))) {
    await trx
      .updateTable('packages')
      .set((row) => ({
        revision,
        file_count: row
          .selectFrom('memberships')
          .select((count) => count.fn.countAll<number>().as('files'))
          .whereRef('memberships.package_id', '=', 'packages.id')
          .where('memberships.removed_in', '=', STILL_THERE),
      }))
      .where('id', 'in', some)
      .execute();
  }
  const grown = sql<number>`file_count + ${growth}`;
  await trx.updateTable('repositories').set({ file_count: grown }).where('id', '=', repositoryId).execute();
}

export async function updatePackageStatus(trx: Queryable, id: number, status: string, reason: string): Promise<void> {
  await trx.updateTable('packages').set({ status, status_reason: reason }).where('id', '=', id).execute();
}
