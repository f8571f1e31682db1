import { LRUCache } from 'lru-cache';
import {
  type ByteRange,
  type ByteSource,
  type DeletesObjects,
  deletesObjects,
  type ListsObjects,
  type ListsUnfinished,
  listsObjects,
  listsUnfinished,
  type ObjectBody,
  type ObjectStat,
  type ObjectStore,
  type PresignsObjects,
  presignsObjects,
  type StagedObject,
  type StageOptions,
  type StagesBatches,
  stagesBatches,
} from './object-store.ts';

/** Larger objects are sent from where they lie: with them, opening a file does not count. */
const MAX_OBJECT = 256 * 1024;

/**
 * Small objects that are read again and again, kept in memory in front of another store. Keys name bytes by their digest,
 * so what is kept is never stale. An object is kept at its second reading: who fetches everything once pushes nothing out.
 * It has the powers of the store behind it.
 */
export class HotObjects implements ObjectStore {
  readonly description: string;
  readonly stageBatch?: StagesBatches['stageBatch'];
  readonly delete?: DeletesObjects['delete'];
  readonly list?: ListsObjects['list'];
  readonly presign?: PresignsObjects['presign'];
  readonly unfinished?: ListsUnfinished['unfinished'];
  readonly dropUnfinished?: ListsUnfinished['dropUnfinished'];
  readonly #store: ObjectStore;
  readonly #kept: LRUCache<string, Blob>;
  readonly #seen = new LRUCache<string, true>({ max: 4096 });

  /** @param maxBytes memory for all kept objects together */
  constructor(store: ObjectStore, maxBytes: number) {
    this.#store = store;
    this.description = store.description;
    this.#kept = new LRUCache({ maxSize: maxBytes, sizeCalculation: (blob) => blob.size + 1 });
    if (deletesObjects(store)) {
      this.delete = (key) => {
        this.#kept.delete(key);
        return store.delete(key);
      };
    }
    if (stagesBatches(store)) this.stageBatch = (digests) => store.stageBatch(digests);
    if (listsObjects(store)) this.list = () => store.list();
    if (presignsObjects(store)) this.presign = (key, options) => store.presign(key, options);
    if (listsUnfinished(store)) {
      this.unfinished = () => store.unfinished();
      this.dropUnfinished = (id) => store.dropUnfinished(id);
    }
  }

  open(key: string, range?: ByteRange): ObjectBody | Promise<ObjectBody> {
    const kept = this.#kept.get(key);
    if (kept) return range ? kept.slice(range.start, range.end) : kept;
    return this.#open(key, range);
  }

  stat(key: string): Promise<ObjectStat | undefined> {
    return this.#store.stat(key);
  }

  stage(source: ByteSource, options?: StageOptions): Promise<StagedObject> {
    return this.#store.stage(source, options);
  }

  check(): Promise<void> {
    return this.#store.check();
  }

  async #open(key: string, range?: ByteRange): Promise<ObjectBody> {
    const body = await this.#store.open(key, range);
    if (range === undefined && body instanceof Blob) this.#noteReading(key, body);
    return body;
  }

  #noteReading(key: string, body: Blob): void {
    if (!this.#seen.has(key)) {
      this.#seen.set(key, true);
      return;
    }
    this.#seen.delete(key);
    if (body.size > MAX_OBJECT) return;
    // A Blob shares its bytes with every response; an array would be copied for each.
    // Whoever asked gets the body as it is; a failure here is theirs to see, not ours.
    body.bytes().then(
      (bytes) => this.#kept.set(key, new Blob([bytes])),
      () => {},
    );
  }
}
