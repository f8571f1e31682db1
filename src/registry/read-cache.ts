import { LRUCache } from 'lru-cache';

/**
 * Answers of the database that are repeated until anybody commits anything. Correct by construction: an answer is used only
 * while the database's change stamp is the one under which it was read. Without a stamp nothing is kept.
 */
export class ReadCache {
  readonly #stamp: () => number | undefined;
  readonly #entries: LRUCache<string, { readonly value: unknown; readonly size: number }>;
  #current: number | undefined;

  /** @param maxSize roughly in bytes */
  constructor(stamp: () => number | undefined, maxSize = 16 * 1024 * 1024) {
    this.#stamp = stamp;
    this.#entries = new LRUCache({ maxSize, sizeCalculation: (entry) => entry.size });
  }

  /** @param sizeOf what an answer weighs beyond a few hundred bytes */
  async get<T>(key: string, load: () => Promise<T>, sizeOf?: (value: T) => number): Promise<T> {
    const stamp = this.#stamp();
    if (stamp === undefined) return load();
    if (stamp !== this.#current) {
      this.#entries.clear();
      this.#current = stamp;
    }
    const known = this.#entries.get(key);
    if (known) return known.value as T;
    const value = await load();
    if (this.#stamp() === stamp && this.#current === stamp) {
      this.#entries.set(key, { value, size: 500 + 2 * key.length + (sizeOf?.(value) ?? 0) });
    }
    return value;
  }
}
