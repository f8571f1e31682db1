import { updateBlobKey } from '../../database/queries/files.ts';
import { type PlacedBlobRow, readBlobs } from '../../database/queries/transfer-blobs.ts';
import { hasherFor } from '../../storage/multi-hash.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { inParallel } from '../maintenance/in-parallel.ts';
import { DamageLog } from './damage.ts';
import type { BlobPlacing } from './place-blob.ts';
import type { LoadOptions, Target } from './target.ts';

const PARALLEL = 8;
const PAGE = 500;

/**
 * Looks whether the bytes of every blob are in the target, and places those again that are not.
 * @param options.verify digest the bytes too
 * @returns what the source does not have either
 */
export async function checkBlobs(
  { database, store }: Target,
  placing: BlobPlacing,
  options: LoadOptions & { readonly verify: boolean },
): Promise<DamageLog> {
  const damage = new DamageLog();
  for (let after = 0; ; ) {
    options.check();
    const page = await readBlobs(database.read, after, PAGE);
    const broken: PlacedBlobRow[] = [];
    await inParallel(page, PARALLEL, async (blob) => {
      if (!(await isWhole(store, blob, options.verify))) broken.push(blob);
      options.observer.advance(1, options.verify ? blob.size : 0);
    });
    const place = await placing.locate(broken);
    await inParallel(broken, PARALLEL, async (blob) => {
      const placed = await place(blob);
      if ('key' in placed) await database.write((trx) => updateBlobKey(trx, blob.id, placed.key), { repeatable: true });
      else damage.add(blob, placed.problem);
    });
    const last = page.at(-1);
    if (!last) return damage;
    after = last.id;
  }
}

async function isWhole(store: ObjectStore, blob: PlacedBlobRow, verify: boolean): Promise<boolean> {
  const found = await store.stat(blob.storage_key);
  if (found?.size !== blob.size) return false;
  if (!verify) return true;
  const body = await store.open(blob.storage_key);
  const hasher = hasherFor('sha256');
  for await (const chunk of body instanceof Blob ? body.stream() : body) hasher.update(chunk);
  return hasher.digest().hex === blob.sha256;
}
