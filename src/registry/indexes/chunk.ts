import { constants, deflateRawSync } from 'node:zlib';
import type { IndexEntry } from './entry.ts';

/** Entries that a chunk holds at the most, and bytes after which it takes no more. */
const MAX_ENTRIES = 512;
const MAX_BYTES = 1 << 20;
/** One entry in so many is the last of its chunk. */
const USUAL_ENTRIES = 160;

/**
 * Some entries that follow each other in a document, compressed once. Immutable, so that all the documents and generations
 * that have these entries share it.
 */
export interface Chunk {
  readonly ids: readonly number[];
  /** Bytes of each entry. */
  readonly lengths: readonly number[];
  readonly plainSize: number;
  /** A part of a raw DEFLATE stream, which ends on a byte and refers to nothing before it (a full flush, RFC 1951). */
  readonly deflated: Uint8Array;
  /** A frame of its own (RFC 8878). */
  readonly zstd: Uint8Array;
}

/**
 * Cuts entries into chunks. Where a cut falls depends on nothing but the entries since the last closed one, so the same
 * entries make the same chunks, whatever came and went before: every replica has the same bytes.
 */
export function* cutIntoChunks(entries: readonly IndexEntry[]): Generator<Chunk> {
  let from = 0;
  let size = 0;
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at];
    if (!entry) break;
    size += entry.bytes.byteLength;
    const isClosed = closesChunk(entry.id);
    if (!isClosed && at - from + 1 < MAX_ENTRIES && size < MAX_BYTES) continue;
    yield makeChunk(entries.slice(from, at + 1));
    from = at + 1;
    size = 0;
  }
  if (from < entries.length) yield makeChunk(entries.slice(from));
}

/** The entries of a chunk again. */
export function entriesOf(chunk: Chunk): IndexEntry[] {
  const plain = plainOf(chunk);
  let at = 0;
  return chunk.ids.map((id, index) => {
    const end = at + (chunk.lengths[index] ?? 0);
    const entry = { id, bytes: plain.subarray(at, end) };
    at = end;
    return entry;
  });
}

export function plainOf(chunk: Chunk): Uint8Array {
  return Bun.zstdDecompressSync(chunk.zstd);
}

function makeChunk(entries: readonly IndexEntry[]): Chunk {
  const plain = Buffer.concat(entries.map((entry) => entry.bytes));
  return {
    ids: entries.map((entry) => entry.id),
    lengths: entries.map((entry) => entry.bytes.byteLength),
    plainSize: plain.byteLength,
    deflated: new Uint8Array(deflateRawSync(plain, { level: 6, finishFlush: constants.Z_FULL_FLUSH })),
    zstd: new Uint8Array(Bun.zstdCompressSync(plain, { level: 3 })),
  };
}

/**
 * Whether a chunk ends with this entry in every document: what follows is cut independently of what was before. Such numbers
 * are spread evenly over numbers that follow each other (Fibonacci hashing), and at random over others.
 */
export function closesChunk(id: number): boolean {
  return Math.imul(id, 0x9e3779b1) >>> 0 < 2 ** 32 / USUAL_ENTRIES;
}
