import type { Queryable } from '../tables.ts';

export interface BlobRow {
  readonly id: number;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly created_at: number;
}

export interface PlacedBlobRow extends BlobRow {
  readonly storage_key: string;
}

/** The next blobs in the order of their ids. */
export async function readBlobs(db: Queryable, after: number, limit: number): Promise<readonly PlacedBlobRow[]> {
  return db.selectFrom('blobs').selectAll().where('id', '>', after).orderBy('id').limit(limit).execute();
}

/** Those with ids above `after` up to `last`; all the rest without `last`. */
export async function readBlobsBetween(
  db: Queryable,
  after: number,
  last: number | undefined,
): Promise<readonly PlacedBlobRow[]> {
  let query = db.selectFrom('blobs').selectAll().where('id', '>', after);
  if (last !== undefined) query = query.where('id', '<=', last);
  return query.orderBy('id').execute();
}

/** Where the bytes of these blobs are now, by id. */
export async function findBlobKeys(db: Queryable, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('blobs').select(['id', 'storage_key']).where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, row.storage_key]));
}

export async function insertBlobs(trx: Queryable, rows: readonly PlacedBlobRow[]): Promise<void> {
  if (rows.length > 0)
    await trx
      .insertInto('blobs')
      .values([...rows])
      .execute();
}

export async function deleteBlobs(trx: Queryable, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await trx.deleteFrom('blobs').where('id', 'in', ids).execute();
}

/** Deletes blobs with these digests, whatever their ids are. */
export async function deleteBlobsOfDigests(trx: Queryable, sha256: readonly string[]): Promise<void> {
  if (sha256.length > 0) await trx.deleteFrom('blobs').where('sha256', 'in', sha256).execute();
}

/** Some of the oldest and some of the newest. */
export async function readEdgeBlobs(db: Queryable, limit: number): Promise<readonly PlacedBlobRow[]> {
  const all = db
    .selectFrom('blobs')
    .selectAll()
    .limit(Math.ceil(limit / 2));
  return [...(await all.orderBy('id').execute()), ...(await all.orderBy('id', 'desc').execute())];
}
