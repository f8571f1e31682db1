import type { Chunk } from './chunk.ts';
import { plainOf } from './chunk.ts';

/** The forms in which a document is offered. */
export const FORMS = ['plain', 'gzip', 'zstd'] as const;
export type Form = (typeof FORMS)[number];

export interface FormDigest {
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** RFC 1952: no name, no time, so that the same content has the same bytes. */
const GZIP_HEADER = new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
/** A frame with one empty block (RFC 8878, 3.1.1): some readers take an empty file for a broken one. */
const EMPTY_ZSTD = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0]);

type Hasher = { readonly sha256: Bun.CryptoHasher; size: number };

/**
 * The digests of a document up to the end of one of its chunks, in every form, ready to go on from there. Whoever appends to
 * a document hashes what is new and nothing of what was there.
 */
export class RunningDigests {
  readonly #plain: Hasher;
  readonly #gzip: Hasher;
  readonly #zstd: Hasher;
  #crc: number;

  private constructor(plain: Hasher, gzip: Hasher, zstd: Hasher, crc: number) {
    this.#plain = plain;
    this.#gzip = gzip;
    this.#zstd = zstd;
    this.#crc = crc;
  }

  static begin(): RunningDigests {
    const gzip = newHasher();
    update(gzip, GZIP_HEADER);
    return new RunningDigests(newHasher(), gzip, newHasher(), 0);
  }

  /** The digests behind one more chunk; these here stay as they are. */
  after(chunk: Chunk): RunningDigests {
    const next = new RunningDigests(copy(this.#plain), copy(this.#gzip), copy(this.#zstd), this.#crc);
    const plain = plainOf(chunk);
    update(next.#plain, plain);
    update(next.#gzip, chunk.deflated);
    update(next.#zstd, chunk.zstd);
    next.#crc = Bun.hash.crc32(plain, this.#crc);
    return next;
  }

  /** The digests of the document that ends here. */
  finish(): Readonly<Record<Form, FormDigest>> {
    const gzip = copy(this.#gzip);
    update(gzip, this.#gzipTrailer());
    const zstd = copy(this.#zstd);
    if (zstd.size === 0) update(zstd, EMPTY_ZSTD);
    return { plain: digest(copy(this.#plain)), gzip: digest(gzip), zstd: digest(zstd) };
  }

  /** What stands around the chunks of the document that ends here. */
  frame(form: Form): { readonly head: readonly Uint8Array[]; readonly tail: readonly Uint8Array[] } {
    if (form === 'gzip') return { head: [GZIP_HEADER], tail: [this.#gzipTrailer()] };
    if (form === 'zstd' && this.#zstd.size === 0) return { head: [EMPTY_ZSTD], tail: [] };
    return { head: [], tail: [] };
  }

  /** An empty last block, then checksum and size of the content: the chunks before it are one single gzip member. */
  #gzipTrailer(): Uint8Array {
    const trailer = Buffer.alloc(10);
    trailer.writeUInt16LE(3, 0);
    trailer.writeUInt32LE(this.#crc, 2);
    trailer.writeUInt32LE(this.#plain.size % 2 ** 32, 6);
    return trailer;
  }
}

function newHasher(): Hasher {
  return { sha256: new Bun.CryptoHasher('sha256'), size: 0 };
}

function copy(hasher: Hasher): Hasher {
  return { sha256: hasher.sha256.copy(), size: hasher.size };
}

function update(hasher: Hasher, bytes: Uint8Array): void {
  hasher.sha256.update(bytes);
  hasher.size += bytes.byteLength;
}

function digest({ sha256, size }: Hasher): FormDigest {
  return { size, sha256: sha256.digest('hex') };
}
