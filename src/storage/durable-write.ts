import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MultiHash } from './multi-hash.ts';
import type { ByteSource } from './object-store.ts';

/** Bytes gathered for one write: small pieces, as forms bring them, would cost a turn through the thread pool each. */
const WRITE_SIZE = 128 * 1024;

/** Bytes received between two collections of garbage. */
const COLLECT_EVERY = 32 * 1024 * 1024;
let receivedSinceCollection = 0;

/**
 * Chunks that have been written are garbage of a quarter of a megabyte each. Left to itself, the collector lets a few hundred
 * of them gather when many uploads run at once.
 */
function noteGarbage(size: number): void {
  receivedSinceCollection += size;
  if (receivedSinceCollection < COLLECT_EVERY) return;
  receivedSinceCollection = 0;
  Bun.gc(false);
}

/** Gives their memory back at once; whoever still has them finds them empty. Views of something larger are left to the collector. */
function release(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
    else noteGarbage(byteLength);
  }
}

export interface WriteOptions {
  /** false: the file is only on its way to another place, and nobody needs it after a power cut */
  readonly sync: boolean;
  /** The pieces are nobody else's. */
  readonly owned?: boolean;
}

/**
 * Writes while hashing: one write is always under way in the thread pool while the next chunks are digested here.
 * @returns bytes
 */
export async function writeDurably(
  path: string,
  source: ByteSource,
  hash: MultiHash,
  { sync, owned = false }: WriteOptions = { sync: true },
): Promise<number> {
  const file = await open(path, 'wx', 0o640);
  let size = 0;
  let writing: Promise<void> = Promise.resolve();
  let underWay: readonly Uint8Array[] = [];
  let gathered: Uint8Array[] = [];
  let gatheredSize = 0;
  const written = async (): Promise<void> => {
    await writing;
    if (owned) release(underWay);
    underWay = [];
  };
  const write = async (): Promise<void> => {
    await written();
    underWay = gathered;
    writing = writeAll(file, gathered, gatheredSize);
    // The failure is taken up by the next `await writing`; until then it must not count as unhandled.
    writing.catch(() => {});
    gathered = [];
    gatheredSize = 0;
  };
  try {
    for await (const chunk of source) {
      gathered.push(chunk);
      gatheredSize += chunk.byteLength;
      size += chunk.byteLength;
      if (gatheredSize >= WRITE_SIZE) await write();
      hash.update(chunk);
      if (!owned) noteGarbage(chunk.byteLength);
    }
    await write();
    await written();
    if (sync) await file.datasync();
  } finally {
    await writing.catch(() => {});
    closeSoon(file);
  }
  return size;
}

async function writeAll(file: FileHandle, chunks: readonly Uint8Array[], size: number): Promise<void> {
  if (size === 0) return;
  let { bytesWritten } = await file.writev(chunks);
  if (bytesWritten === size) return;
  // A short write is rare: the rest goes piece by piece.
  for (const chunk of chunks) {
    let offset = Math.min(bytesWritten, chunk.byteLength);
    bytesWritten -= offset;
    while (offset < chunk.byteLength)
      offset += (await file.write(chunk, offset, chunk.byteLength - offset)).bytesWritten;
  }
}

/** A new folder is durable only when its parent has been synced as well. */
export async function makeFoldersDurably(root: string, folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (!first) return;
  for (let current = dirname(folder); current.length >= root.length; current = dirname(current))
    await syncFolder(current);
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    closeSoon(handle);
  }
}

/** What was synced is durable, open or not: closing may take its turn through the thread pool without anybody waiting. */
function closeSoon(file: FileHandle): void {
  file.close().catch(() => {});
}
