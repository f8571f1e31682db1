import type { Database } from '../database/database.ts';
import { findDocument, replaceDocument } from '../database/queries/documents.ts';
import { deletesObjects, type ObjectStore } from '../storage/object-store.ts';
import { withLease } from './lease.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Whoever has waited this long for another's document builds its own: a reader never waits for ever. Milliseconds. */
const PATIENCE = 20_000;

/**
 * Large documents, built once for all replicas: one of them builds while the others wait for what it stores. A builder that
 * dies is replaced when its lease has run out. What is stored is named by a row with the revision that it shows at least.
 */
export class SharedDocuments {
  readonly #database: Database;
  readonly #store: ObjectStore;
  readonly #now: () => number;

  constructor(database: Database, store: ObjectStore, now: () => number) {
    this.#database = database;
    this.#store = store;
    this.#now = now;
  }

  /** The document at this revision or a newer one. */
  async get(name: string, revision: number, render: () => Promise<Bytes>): Promise<Bytes> {
    const giveUp = performance.now() + PATIENCE;
    const built = await this.#load(name, revision);
    if (built) return built;
    const isDone = async (): Promise<boolean> =>
      ((await findDocument(this.#database.read, name))?.revision ?? -1) >= revision || performance.now() > giveUp;
    const own = await withLease(
      this.#database,
      `document:${name}`,
      async () => (await this.#load(name, revision)) ?? this.#build(name, revision, render),
      { wait: true, until: isDone },
    );
    return own ?? (await this.#load(name, revision)) ?? render();
  }

  async #load(name: string, revision: number): Promise<Bytes | undefined> {
    const row = await findDocument(this.#database.read, name);
    if (!row || row.revision < revision) return undefined;
    try {
      const body = await this.#store.open(row.storage_key);
      return new Uint8Array(await (body instanceof Blob ? body.bytes() : Bun.readableStreamToBytes(body)));
    } catch {
      // A newer generation has taken its place just now, or it is lost: building it again is always right.
      return undefined;
    }
  }

  async #build(name: string, revision: number, render: () => Promise<Bytes>): Promise<Bytes> {
    const bytes = await render();
    const staged = await this.#store.stage([bytes]);
    try {
      const key = await staged.commit();
      const before = await findDocument(this.#database.read, name);
      const row = { name, revision, storage_key: key, size: bytes.byteLength, built_at: this.#now() };
      const isNewest = await this.#database.write((trx) => replaceDocument(trx, row), { repeatable: true });
      await this.#forget(isNewest ? before?.storage_key : key);
    } finally {
      await staged.discard();
    }
    return bytes;
  }

  async #forget(key: string | undefined): Promise<void> {
    // What stays behind is collected like everything that no row refers to.
    if (key !== undefined && deletesObjects(this.#store)) await this.#store.delete(key).catch(() => {});
  }
}
