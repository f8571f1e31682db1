import { findBlob, insertBlob, lockBlob, updateBlobKey } from '../database/queries/files.ts';
import type { Queryable } from '../database/tables.ts';
import { PackyardError } from '../model/errors.ts';
import { deletesObjects, type StagedObject } from '../storage/object-store.ts';
import type { RegistryContext } from './context.ts';
import type { KnownBytes } from './model.ts';

/** Thrown: the bytes that were there before have been collected meanwhile. Store them and begin the transaction anew. */
export const BYTES_GONE = Symbol('bytes gone');

/** Bytes on their way to a blob row: of an upload, or such as are in the store already. */
export interface Bytes {
  /** Makes sure, before the transaction, that they are in the store. */
  ensure(): Promise<void>;
  /** The id of the blob's row, held until the transaction ends. Throws `BYTES_GONE`, which undoes the transaction. */
  refer(trx: Queryable, now: number): Promise<number>;
  /** Where the bytes that a file has already had been lost, these take their place. */
  mend(trx: Queryable, now: number): Promise<void>;
  /** Removes what was stored in vain. */
  discardUnused(): Promise<void>;
}

export function bytesOf(context: RegistryContext, source: StagedObject | KnownBytes): Bytes {
  return 'path' in source ? new StoredBytes(context, source) : new BytesInStore(source);
}

class BytesInStore implements Bytes {
  readonly #source: KnownBytes;

  constructor(source: KnownBytes) {
    this.#source = source;
  }

  async ensure(): Promise<void> {}

  async refer(trx: Queryable): Promise<number> {
    const row = await lockBlob(trx, this.#source.sha256.hex);
    if (row) return row.id;
    throw new PackyardError('conflict', `the bytes of ${this.#source.sha256} are no longer there`, {
      hint: 'upload the file again',
    });
  }

  async mend(): Promise<void> {}

  async discardUnused(): Promise<void> {}
}

/**
 * The bytes of one upload on their way to a blob row. Each storing has a key of its own, which only the row that we write
 * can refer to; so whoever collects garbage can never take bytes away that an upload counts on.
 */
class StoredBytes implements Bytes {
  readonly #context: RegistryContext;
  readonly #staged: StagedObject;
  /** Where this upload has stored the bytes, if it has. */
  #key: string | undefined;
  #referred = false;

  constructor(context: RegistryContext, staged: StagedObject) {
    this.#context = context;
    this.#staged = staged;
  }

  /** Stores the bytes, unless a blob row says that they are there and they are. */
  async ensure(): Promise<void> {
    if (this.#key !== undefined) return;
    const { database, store } = this.#context;
    const known = await findBlob(database.read, this.#staged.sha256.hex);
    const there = known && (await store.stat(known.storage_key));
    if (there?.size === this.#staged.size) return;
    this.#key = await this.#staged.commit();
  }

  /** The id of the blob's row, held until the transaction ends. Throws `BYTES_GONE`, which undoes the transaction. */
  async refer(trx: Queryable, now: number): Promise<number> {
    const { sha256, size } = this.#staged;
    this.#referred = false;
    let row = await lockBlob(trx, sha256.hex);
    if (!row) {
      if (this.#key === undefined) throw BYTES_GONE;
      await insertBlob(trx, { sha256: sha256.hex, size, storageKey: this.#key, now });
      row = await lockBlob(trx, sha256.hex);
      if (!row) throw new Error('the blob just added is not there');
    }
    if (this.#key !== undefined && row.storage_key !== this.#key && !(await this.#isThere(row.storage_key))) {
      // What the row says has been lost: the new bytes take its place, for everything that refers to it.
      await updateBlobKey(trx, row.id, this.#key);
      row = { ...row, storage_key: this.#key };
    }
    this.#referred = row.storage_key === this.#key;
    return row.id;
  }

  /** Where the bytes that a file has already had been lost, those of this upload take their place: publishing again mends it. */
  async mend(trx: Queryable, now: number): Promise<void> {
    if (this.#key !== undefined) await this.refer(trx, now);
  }

  /** Removes what was stored in vain: another upload of the same bytes was first, or the file was refused. */
  async discardUnused(): Promise<void> {
    const { store } = this.#context;
    if (this.#key === undefined || this.#referred || !deletesObjects(store)) return;
    const key = this.#key;
    // Whatever stays behind is collected later; the outcome of the upload is another matter.
    await store.delete(key).catch(() => {});
  }

  async #isThere(key: string): Promise<boolean> {
    return (await this.#context.store.stat(key))?.size === this.#staged.size;
  }
}
