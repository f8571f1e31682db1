import {
  type BlobRow,
  deleteBlobs,
  deleteBlobsOfDigests,
  insertBlobs,
  type PlacedBlobRow,
  readBlobs,
  readBlobsBetween,
} from '../../database/queries/transfer-blobs.ts';
import { Digest } from '../../model/digest.ts';
import { newStorageKey } from '../../storage/storage-key.ts';
import { inParallel } from '../maintenance/in-parallel.ts';
import type { BlobPlacing } from './place-blob.ts';
import type { LoadOptions, Target } from './target.ts';

const PARALLEL = 8;
/** Blobs, and bytes, that are stored between two commits: what is broken off is done again. */
const GROUP_BLOBS = 100;
const GROUP_BYTES = 64 << 20;
/** Rows that are forgotten at once. */
const FORGOTTEN = 500;

export interface LoadedBlobs {
  readonly copied: number;
  readonly bytes: number;
}

/**
 * Makes a target's blobs those of a source: copies what is not there, forgets what is not in the source. Each is copied
 * once, however often the work is broken off. One whose bytes the source has lost gets its row alone; `checkBlobs` tells of it.
 * @param pages all blobs of the source in the order of their ids
 */
export async function loadBlobs(
  target: Target,
  pages: AsyncIterable<readonly BlobRow[]>,
  placing: BlobPlacing,
  { observer, check }: LoadOptions,
): Promise<LoadedBlobs> {
  const { database } = target;
  let copied = 0;
  let bytes = 0;
  let after = 0;
  for await (const page of pages) {
    check();
    const last = page.at(-1)?.id ?? after;
    const present = await readBlobsBetween(database.read, after, last);
    const wanted = digests(page);
    const stale = present.filter((row) => wanted.get(row.id) !== row.sha256);
    await forget(target, stale);
    const known = digests(present);
    const absent = page.filter((row) => known.get(row.id) !== row.sha256);
    observer.advance(page.length - absent.length);
    const place = await placing.locate(absent);
    for (const group of groups(absent)) {
      check();
      const rows = new Map<BlobRow, PlacedBlobRow>();
      await inParallel(group, PARALLEL, async (blob) => {
        const placed = await place(blob);
        // Under a key at which nothing is, as for whatever else is lost.
        const key = 'key' in placed ? placed.key : newStorageKey(Digest.sha256(blob.sha256));
        rows.set(blob, { ...only(blob), storage_key: key });
        observer.advance(1, blob.size);
      });
      await insert(
        target,
        group.flatMap((blob) => rows.get(blob) ?? []),
      );
    }
    copied += absent.length;
    bytes += absent.reduce((sum, row) => sum + row.size, 0);
    after = last;
  }
  for (;;) {
    const rest = await readBlobs(database.read, after, FORGOTTEN);
    if (rest.length === 0) return { copied, bytes };
    await forget(target, rest);
  }
}

function digests(rows: readonly BlobRow[]): ReadonlyMap<number, string> {
  return new Map(rows.map((row) => [row.id, row.sha256]));
}

function only({ id, sha256, size, created_at }: BlobRow): BlobRow {
  return { id, sha256, size, created_at };
}

async function insert(target: Target, rows: readonly PlacedBlobRow[]): Promise<void> {
  const sha256 = rows.map((row) => row.sha256);
  await target.database.write(async (trx) => {
    // The source may have the same bytes under another id than before.
    await deleteBlobsOfDigests(trx, sha256);
    await insertBlobs(trx, rows);
  });
}

/** The bytes stay until garbage is collected. */
async function forget(target: Target, rows: readonly BlobRow[]): Promise<void> {
  const ids = rows.map((row) => row.id);
  if (ids.length > 0) await target.database.write((trx) => deleteBlobs(trx, ids), { repeatable: true });
}

function* groups(blobs: readonly BlobRow[]): Iterable<readonly BlobRow[]> {
  let group: BlobRow[] = [];
  let bytes = 0;
  for (const blob of blobs) {
    group.push(blob);
    bytes += blob.size;
    if (group.length < GROUP_BLOBS && bytes < GROUP_BYTES) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}
