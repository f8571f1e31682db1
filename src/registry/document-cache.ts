import { LRUCache } from 'lru-cache';
import type { SharedDocuments } from './shared-documents.ts';

/** Rendered bytes with their ETag; `gzip` is filled in when the first client asks for it. */
export interface RenderedDocument {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Strong and quoted. */
  readonly etag: string;
  gzip?: Uint8Array<ArrayBuffer>;
}

export interface DocumentOptions {
  /** About how many files the document is made of: a large one is built by one replica for all. */
  readonly files?: number;
}

/** Below this many files, a document is made faster than it is fetched from another replica. */
const SHARED_FROM = 5_000;

interface Entry {
  readonly revision: number;
  readonly document: Promise<RenderedDocument>;
  size: number;
}

/**
 * Index documents by key and revision. A document of an older revision is never returned, a newer revision renders once
 * however many clients ask at the same time, and memory stays under `maxBytes`.
 */
export class DocumentCache {
  readonly #entries: LRUCache<string, Entry>;
  readonly #shared: SharedDocuments | undefined;

  /** @param shared where several replicas may need the same document */
  constructor(maxBytes: number, shared?: SharedDocuments) {
    this.#shared = shared;
    this.#entries = new LRUCache({ maxSize: maxBytes, sizeCalculation: (entry) => entry.size });
  }

  /**
   * @param key what the document is, without the revision, e.g. `pypi:12:project:requests:json`
   * @param revision what it shows; any change of its content must change this
   */
  async get(
    key: string,
    revision: number,
    render: () => Promise<Uint8Array<ArrayBuffer>>,
    { files = 0 }: DocumentOptions = {},
  ): Promise<RenderedDocument> {
    const known = this.#entries.get(key);
    if (known && known.revision >= revision) return known.document;
    // Keys can hold what a client asked for, so they weigh too.
    const weight = 300 + 2 * key.length;
    const bytes = this.#shared && files >= SHARED_FROM ? this.#shared.get(key, revision, render) : render();
    const entry: Entry = { revision, document: bytes.then(renderedDocument), size: weight };
    this.#entries.set(key, entry);
    try {
      const document = await entry.document;
      // Twice the body leaves room for the gzip form that is added later.
      if (this.#entries.peek(key) === entry)
        this.#entries.set(key, { ...entry, size: weight + 2 * document.body.byteLength });
      return document;
    } catch (error) {
      if (this.#entries.peek(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }
}

/** Bytes as a document, without keeping them. */
export function renderedDocument(body: Uint8Array<ArrayBuffer>): RenderedDocument {
  return { body, etag: `"${new Bun.CryptoHasher('sha256').update(body).digest('hex').slice(0, 32)}"` };
}
