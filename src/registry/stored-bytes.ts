import type { WriteOptions } from '../database/database.ts';
import { inBatches } from '../database/in-batches.ts';
import { updateBlobKey } from '../database/queries/files.ts';
import { insertBlobs, listBlobs, lockBlobs } from '../database/queries/publishing.ts';
import type { Queryable } from '../database/tables.ts';
import type { Digest } from '../model/digest.ts';
import { PackyardError } from '../model/errors.ts';
import { deletesObjects, type StagedObject } from '../storage/object-store.ts';
import type { RegistryContext } from './context.ts';
import type { KnownBytes } from './model.ts';

/** Thrown: the bytes that were there before have been collected meanwhile. Store them and begin the transaction anew. */
const BYTES_GONE = Symbol('bytes gone');

type BlobRow = Parameters<Bytes['settle']>[1];

/** Bytes on their way to a blob row: of an upload, or such as are in the store already. */
export interface Bytes {
  readonly sha256: Digest;
  /** Makes sure, before the transaction, that they are in the store. @param known the blob's row, if there is one */
  ensure(known: { readonly storage_key: string } | undefined): Promise<void>;
  /** What a row of their own would say. Throws `BYTES_GONE`, or that they are no longer there. */
  describe(): { readonly size: number; readonly storageKey: string };
  /** Takes note of the row that there is now, locked; where its bytes have been lost, these take their place. */
  settle(trx: Queryable, row: { readonly id: number; readonly storage_key: string }): Promise<void>;
  /** Whether these were stored now: then they can mend a row whose bytes have been lost. */
  readonly isStored: boolean;
  /** Removes what was stored in vain. */
  discardUnused(): Promise<void>;
}

export function bytesOf(context: RegistryContext, source: StagedObject | KnownBytes): Bytes {
  return 'path' in source ? new UploadedBytes(context, source) : new BytesInStore(source);
}

/**
 * Runs a transaction that refers to bytes (`referTo`): they are durable before it begins, and stored again where they have been
 * collected meanwhile. What was stored in vain is removed.
 */
export async function writeWithBytes<T>(
  context: RegistryContext,
  all: readonly Bytes[],
  work: (trx: Queryable) => Promise<T>,
  options: WriteOptions = {},
): Promise<T> {
  try {
    for (;;) {
      await ensureStored(context, all);
      try {
        return await context.database.write(work, options);
      } catch (error) {
        if (error !== BYTES_GONE) throw error;
      }
    }
  } finally {
    for (const bytes of all) await bytes.discardUnused();
  }
}

async function ensureStored(context: RegistryContext, all: readonly Bytes[]): Promise<void> {
  for (const some of inBatches(all)) {
    const digests = some.map((bytes) => bytes.sha256.hex);
    const known = await listBlobs(context.database.read, digests);
    for (const bytes of some) await bytes.ensure(known.get(bytes.sha256.hex));
  }
}

/**
 * The ids of the rows that bytes refer to, held until the transaction ends; by digest. Throws `BYTES_GONE`, which undoes the
 * transaction.
 */
export async function referTo(trx: Queryable, all: readonly Bytes[], now: number): Promise<Map<string, number>> {
  const byDigest = new Map(all.map((bytes) => [bytes.sha256.hex, bytes]));
  const digests = [...byDigest.keys()];
  let rows = await lockBlobs(trx, digests);
  const missing = [...byDigest].filter(([digest]) => !rows.has(digest));
  if (missing.length > 0) {
    const added = await insertBlobs(
      trx,
      missing.map(([sha256, bytes]) => ({ sha256, ...bytes.describe() })),
      now,
    );
    rows = added.size === missing.length ? new Map([...rows, ...added]) : await lockBlobs(trx, digests);
  }
  for (const bytes of all) {
    const row = rows.get(bytes.sha256.hex);
    if (!row) throw new Error('the blob just added is not there');
    await bytes.settle(trx, row);
  }
  return new Map([...rows].map(([digest, row]) => [digest, row.id]));
}

class BytesInStore implements Bytes {
  readonly sha256: Digest;
  readonly isStored = false;

  constructor({ sha256 }: KnownBytes) {
    this.sha256 = sha256;
  }

  async ensure(): Promise<void> {}

  describe(): never {
    throw new PackyardError('conflict', `the bytes of ${this.sha256} are no longer there`, {
      hint: 'upload the file again',
    });
  }

  async settle(): Promise<void> {}

  async discardUnused(): Promise<void> {}
}

/**
 * The bytes of one upload. Each storing has a key of its own, which only the row that we write can refer to; so whoever
 * collects garbage can never take bytes away that an upload counts on.
 */
class UploadedBytes implements Bytes {
  readonly #context: RegistryContext;
  readonly #staged: StagedObject;
  /** Where this upload has stored the bytes, if it has. */
  #key: string | undefined;
  #referred = false;

  constructor(context: RegistryContext, staged: StagedObject) {
    this.#context = context;
    this.#staged = staged;
  }

  get sha256(): Digest {
    return this.#staged.sha256;
  }

  get isStored(): boolean {
    return this.#key !== undefined;
  }

  /** Stores the bytes, unless a blob row says that they are there and they are. */
  async ensure(known: { readonly storage_key: string } | undefined): Promise<void> {
    if (this.#key !== undefined) return;
    const there = known && (await this.#context.store.stat(known.storage_key));
    if (there?.size === this.#staged.size) return;
    this.#key = await this.#staged.commit();
  }

  describe(): { size: number; storageKey: string } {
    this.#referred = false;
    if (this.#key === undefined) throw BYTES_GONE;
    return { size: this.#staged.size, storageKey: this.#key };
  }

  async settle(trx: Queryable, row: BlobRow): Promise<void> {
    this.#referred = row.storage_key === this.#key;
    if (this.#key === undefined || this.#referred || (await this.#isThere(row.storage_key))) return;
    await updateBlobKey(trx, row.id, this.#key);
    this.#referred = true;
  }

  /** Another upload of the same bytes was first, or the file was refused. */
  async discardUnused(): Promise<void> {
    const { store } = this.#context;
    if (this.#key === undefined || this.#referred || !deletesObjects(store)) return;
    // Whatever stays behind is collected later; the outcome of the upload is another matter.
    await store.delete(this.#key).catch(() => {});
  }

  async #isThere(key: string): Promise<boolean> {
    return (await this.#context.store.stat(key))?.size === this.#staged.size;
  }
}
