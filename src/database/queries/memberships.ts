import type { Queryable } from '../tables.ts';
import { STILL_THERE } from '../tables.ts';

/** Ends a membership with this revision. False when it had ended already. */
export async function endMembership(trx: Queryable, id: number, revision: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('memberships')
    .set({ removed_in: revision })
    .where('id', '=', id)
    .where('removed_in', '=', STILL_THERE)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Ends those of these memberships that are still there; returns how many. */
export async function endMemberships(trx: Queryable, ids: readonly number[], revision: number): Promise<number> {
  if (ids.length === 0) return 0;
  const { numUpdatedRows } = await trx
    .updateTable('memberships')
    .set({ removed_in: revision })
    .where('id', 'in', ids)
    .where('removed_in', '=', STILL_THERE)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Ends whatever is there of these versions; returns how many memberships that were. */
export async function endVersions(trx: Queryable, versionIds: readonly number[], revision: number): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable('memberships')
    .set({ removed_in: revision })
    .where('version_id', 'in', versionIds)
    .where('removed_in', '=', STILL_THERE)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** What is at these paths now, as far as whoever removes it has to know. */
export async function listPresent(db: Queryable, repositoryId: number, paths: readonly string[]) {
  return db
    .selectFrom('memberships')
    .innerJoin('files', 'files.id', 'memberships.file_id')
    .innerJoin('blobs', 'blobs.id', 'files.blob_id')
    .select(['memberships.id', 'memberships.package_id', 'memberships.path', 'blobs.sha256'])
    .where('memberships.repository_id', '=', repositoryId)
    .where('memberships.path', 'in', paths)
    .where('memberships.removed_in', '=', STILL_THERE)
    .execute();
}

/** The memberships that a package has now. */
export async function listMembershipIds(db: Queryable, packageId: number): Promise<number[]> {
  const rows = await db
    .selectFrom('memberships')
    .select('id')
    .where('package_id', '=', packageId)
    .where('removed_in', '=', STILL_THERE)
    .execute();
  return rows.map((row) => row.id);
}

/** Ends a membership and begins the same again, e.g. with another yank mark, so that earlier revisions keep theirs. */
export async function replaceMembership(
  trx: Queryable,
  id: number,
  revision: number,
  change: { readonly yanked?: string | null } = {},
): Promise<void> {
  const row = await trx.selectFrom('memberships').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  await endMembership(trx, id, revision);
  const { id: _, ...rest } = row;
  await trx
    .insertInto('memberships')
    .values({ ...rest, ...change, added_in: revision, removed_in: STILL_THERE })
    .execute();
}
