import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { invalid, PackyardError } from '../../model/errors.ts';
import { decodeBzip2 } from './bzip2.ts';
import { XzDecoder } from './xz.ts';
import { isWholeZstd } from './zstd-frames.ts';

/** The ending of a member's name; `.lzma` is known to dpkg, and not to this server. */
export type Compression = '' | '.gz' | '.xz' | '.zst' | '.bz2';

/** Gives the next bytes of an input, at most `maxLength`, and none at its end. */
export type ReadBytes = (maxLength: number) => Uint8Array;

const COMPRESSIONS: readonly string[] = ['', '.gz', '.xz', '.zst', '.bz2'] satisfies Compression[];

export function isCompression(suffix: string): suffix is Compression {
  return COMPRESSIONS.includes(suffix);
}

/**
 * Decompresses a small member whole.
 * @param maxSize bytes
 * @returns undefined when it would be more, which is not made
 * @throws PackyardError `invalid_request` when it is damaged or cut off
 */
export async function decompress(
  bytes: Uint8Array,
  compression: Compression,
  maxSize: number,
): Promise<Uint8Array | undefined> {
  try {
    switch (compression) {
      case '':
        return bytes.length > maxSize ? undefined : bytes;
      case '.gz':
        return gunzipSync(bytes, { maxOutputLength: maxSize });
      case '.zst':
        // Bun's decoder takes a cut-off frame for a short one.
        if (!isWholeZstd(bytes)) throw new Error('zstd: it is cut off or has something behind it');
        return zstdDecompressSync(bytes, { maxOutputLength: maxSize });
      case '.xz':
        return gather((await XzDecoder.create()).decode(readerOf(bytes)), maxSize);
      case '.bz2':
        return gather(decodeBzip2(readerOf(bytes)), maxSize);
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw describe(error);
  }
}

/**
 * Decompresses a member of any size, piece by piece; the input is read as the output is asked for.
 * @param read synchronous, so that decoders can ask in the middle of a number; between two pieces others have their turn
 * @throws PackyardError `invalid_request` when it is damaged or cut off; what the disk says comes through as it is
 */
export async function* decompressStream(read: ReadBytes, compression: Compression): AsyncGenerator<Uint8Array> {
  try {
    switch (compression) {
      case '':
        yield* inTurns(piecesOf(read));
        break;
      case '.gz':
        yield* through(read, createGunzip());
        break;
      case '.zst':
        yield* through(read, createZstdDecompress());
        break;
      case '.xz':
        yield* inTurns((await XzDecoder.create()).decode(read));
        break;
      case '.bz2':
        yield* inTurns(decodeBzip2(read));
        break;
    }
  } catch (error) {
    throw describe(error);
  }
}

const PIECE_SIZE = 64 * 1024;

function* piecesOf(read: ReadBytes): Generator<Uint8Array> {
  for (let piece = read(PIECE_SIZE); piece.length > 0; piece = read(PIECE_SIZE)) yield piece;
}

async function* inTurns(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    yield piece;
    await new Promise(setImmediate);
  }
}

async function* through(read: ReadBytes, transform: Transform): AsyncGenerator<Uint8Array> {
  const done = pipeline(Readable.from(piecesOf(read)), transform);
  // The same failure comes out of the iteration; this one has nobody who waits for it when the consumer stops early.
  done.catch(() => undefined);
  try {
    for await (const piece of transform) yield piece as Uint8Array;
  } finally {
    transform.destroy();
  }
}

/** Reads a buffer from its beginning to its end. */
function readerOf(bytes: Uint8Array): ReadBytes {
  let position = 0;
  return (maxLength) => {
    const piece = bytes.subarray(position, position + maxLength);
    position += piece.length;
    return piece;
  };
}

function gather(pieces: Iterable<Uint8Array>, maxSize: number): Uint8Array | undefined {
  const gathered: Uint8Array[] = [];
  let size = 0;
  for (const piece of pieces) {
    size += piece.length;
    if (size > maxSize) return undefined;
    gathered.push(piece);
  }
  return Buffer.concat(gathered, size);
}

/** What a decoder stumbles over is the file's fault; what the disk says is not. */
function describe(error: unknown): unknown {
  if (error instanceof PackyardError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^E[A-Z]+$/.test(code)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return invalid(`a member of the package cannot be decompressed (${reason})`, {
    hint: 'compare its checksum with the original; if it is the same, build it again with dpkg-deb -Zxz, -Zzstd or -Zgzip',
    cause: error,
  });
}
