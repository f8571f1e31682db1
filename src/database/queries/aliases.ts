import { inBatches } from '../in-batches.ts';
import type { Queryable } from '../tables.ts';
import { STILL_THERE } from '../tables.ts';

export async function listAliases(db: Queryable, packageId: number) {
  return db
    .selectFrom('aliases')
    .select(['name', 'target'])
    .where('package_id', '=', packageId)
    .where('removed_in', '=', STILL_THERE)
    .orderBy('name')
    .execute();
}

export async function findAlias(db: Queryable, packageId: number, name: string) {
  return db
    .selectFrom('aliases')
    .select('target')
    .where('package_id', '=', packageId)
    .where('name', '=', name)
    .where('removed_in', '=', STILL_THERE)
    .executeTakeFirst();
}

/** Where these names point now, as far as they are there. */
export async function listAliasTargets(
  db: Queryable,
  packageId: number,
  names: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('aliases')
    .select(['name', 'target'])
    .where('package_id', '=', packageId)
    .where('name', 'in', names)
    .where('removed_in', '=', STILL_THERE)
    .execute();
  return new Map(rows.map((row) => [row.name, row.target]));
}

/** Names of a package's aliases in order, after `after`. */
export async function listAliasNames(
  db: Queryable,
  packageId: number,
  page: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('aliases')
    .select('name')
    .where('package_id', '=', packageId)
    .where('removed_in', '=', STILL_THERE)
    .where('name', '>', page.after)
    .orderBy('name')
    .limit(page.limit)
    .execute();
  return rows.map((row) => row.name);
}

/** The aliases that point at these versions now. */
export async function listAliasesOf(db: Queryable, packageId: number, targets: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('aliases')
    .select('name')
    .where('package_id', '=', packageId)
    .where('target', 'in', targets)
    .where('removed_in', '=', STILL_THERE)
    .execute();
  return rows.map((row) => row.name);
}

/** Points a name at a target from this revision on. */
export async function insertAlias(
  trx: Queryable,
  alias: {
    readonly repositoryId: number;
    readonly packageId: number;
    readonly name: string;
    readonly target: string;
    readonly revision: number;
  },
): Promise<void> {
  await trx
    .insertInto('aliases')
    .values({
      repository_id: alias.repositoryId,
      package_id: alias.packageId,
      name: alias.name,
      target: alias.target,
      added_in: alias.revision,
      removed_in: STILL_THERE,
    })
    .execute();
}

/** Ends an alias with this revision. False when there was none. */
export async function endAlias(trx: Queryable, packageId: number, name: string, revision: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('aliases')
    .set({ removed_in: revision })
    .where('package_id', '=', packageId)
    .where('name', '=', name)
    .where('removed_in', '=', STILL_THERE)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Ends these aliases of a package, or all of them, with this revision. */
export async function endAliases(
  trx: Queryable,
  packageId: number,
  revision: number,
  names?: readonly string[],
): Promise<void> {
  const query = trx
    .updateTable('aliases')
    .set({ removed_in: revision })
    .where('package_id', '=', packageId)
    .where('removed_in', '=', STILL_THERE);
  if (names === undefined) await query.execute();
  else for (const some of inBatches(names)) await query.where('name', 'in', some).execute();
}
