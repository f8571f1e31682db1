import type { Queryable } from '../tables.ts';
import { STILL_THERE } from '../tables.ts';
import { insertReturningId } from './insert.ts';

export interface NewMembership {
  readonly repositoryId: number;
  readonly packageId: number;
  readonly versionId: number;
  readonly fileId: number;
  readonly path: string;
  readonly revision: number;
  readonly addedAt: number;
  readonly addedBy: string;
  readonly yanked: string | null;
}

/** Puts a file into a repository from this revision on; returns the membership's id. */
export async function insertMembership(trx: Queryable, membership: NewMembership): Promise<number> {
  return insertReturningId(trx, 'memberships', {
    repository_id: membership.repositoryId,
    package_id: membership.packageId,
    version_id: membership.versionId,
    file_id: membership.fileId,
    path: membership.path,
    added_in: membership.revision,
    removed_in: STILL_THERE,
    added_at: membership.addedAt,
    added_by: membership.addedBy,
    yanked: membership.yanked,
  });
}

/** The yank mark of a version of which every file is yanked: what joins it is yanked too. */
export async function yankOfVersion(trx: Queryable, versionId: number): Promise<string | null> {
  const rows = await trx
    .selectFrom('memberships')
    .select('yanked')
    .where('version_id', '=', versionId)
    .where('removed_in', '=', STILL_THERE)
    .execute();
  return rows.every((row) => row.yanked !== null) ? (rows[0]?.yanked ?? null) : null;
}

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

/** Ends a membership and begins the same again with another yank mark, so that earlier revisions keep theirs. */
export async function replaceYank(trx: Queryable, id: number, revision: number, yanked: string | null): Promise<void> {
  const row = await trx.selectFrom('memberships').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  await endMembership(trx, id, revision);
  const { id: _, ...rest } = row;
  await trx
    .insertInto('memberships')
    .values({ ...rest, added_in: revision, removed_in: STILL_THERE, yanked })
    .execute();
}
