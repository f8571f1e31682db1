import { sql } from 'kysely';
import type { Queryable } from '../tables.ts';
import { STILL_THERE } from '../tables.ts';

/** Which files of a repository: those whose paths begin with this. */
export interface PathRange {
  readonly repositoryId: number;
  readonly prefix: string;
}

/** The memberships that were there at a revision, in the order in which they came. */
export async function listIdsAt(db: Queryable, range: PathRange, revision: number): Promise<number[]> {
  const rows = await within(db, range)
    .select('id')
    .where('added_in', '<=', revision)
    .where('removed_in', '>', revision)
    .execute();
  return rows.map((row) => row.id).sort((a, b) => a - b);
}

/** The memberships that came after one revision and were there at another. */
export async function listIdsAdded(db: Queryable, range: PathRange, after: number, until: number): Promise<number[]> {
  const rows = await within(db, range)
    .select('id')
    .where('added_in', '>', after)
    .where('added_in', '<=', until)
    .where('removed_in', '>', until)
    .execute();
  return rows.map((row) => row.id).sort((a, b) => a - b);
}

/** The memberships that were there at one revision and no longer at another. */
export async function listIdsRemoved(db: Queryable, range: PathRange, after: number, until: number): Promise<number[]> {
  const rows = await within(db, range)
    .select('id')
    .where('removed_in', '>', after)
    .where('removed_in', '<=', until)
    // The index of what has ended has only such rows.
    .where('removed_in', '<', sql.lit(STILL_THERE))
    .where('added_in', '<=', after)
    .execute();
  return rows.map((row) => row.id);
}

/** The newest revision of which it cannot be told any more what it removed; 0 when nothing was purged. */
export async function findPurgedRevision(db: Queryable, repositoryId: number): Promise<number> {
  const row = await db
    .selectFrom('repositories')
    .select('purged_revision')
    .where('id', '=', repositoryId)
    .executeTakeFirst();
  return row?.purged_revision ?? 0;
}

export type IndexFileRow = Awaited<ReturnType<typeof listIndexFiles>>[number];

/** What an index says of these memberships, also of those that have ended, by their ids. */
export async function listIndexFiles(db: Queryable, ids: readonly number[]) {
  return db
    .selectFrom('memberships')
    .innerJoin('files', 'files.id', 'memberships.file_id')
    .innerJoin('blobs', 'blobs.id', 'files.blob_id')
    .innerJoin('packages', 'packages.id', 'memberships.package_id')
    .select([
      'memberships.id',
      'memberships.path',
      'files.name',
      'files.metadata_json',
      'files.blob_id',
      'blobs.size',
      'blobs.sha256',
      'blobs.storage_key',
      'packages.status as package_status',
    ])
    .where('memberships.id', 'in', ids)
    .orderBy('memberships.id')
    .execute();
}

/** The first path after this one, of what is there now. */
export async function findPathAfter(db: Queryable, repositoryId: number, path: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('memberships')
    .select('path')
    .where('repository_id', '=', repositoryId)
    .where('path', '>', path)
    .where('removed_in', '=', STILL_THERE)
    .orderBy('path')
    .limit(1)
    .executeTakeFirst();
  return row?.path;
}

function within(db: Queryable, { repositoryId, prefix }: PathRange) {
  // Prefixes end with a slash, and 0 is the character after it: every database finds the range in its index.
  return db
    .selectFrom('memberships')
    .where('repository_id', '=', repositoryId)
    .where('path', '>', prefix)
    .where('path', '<', `${prefix.slice(0, -1)}0`);
}
