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
