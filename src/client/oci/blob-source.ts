import { RegistryError } from './registry-error.ts';

/** Bytes that can be read from any point, as often as needed. */
export interface ReopenableSource {
  /** In bytes. */
  readonly size: number;
  open(offset: number): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** What can be pushed. A stream or an iterable is read once, so that a broken upload of it cannot begin anew. */
export type BlobSource =
  | Uint8Array
  | Blob
  | ReopenableSource
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>;

/** Every source in one form. */
export interface Content {
  readonly size: number | undefined;
  readonly isRepeatable: boolean;
  /** @throws RegistryError when a source that is read once has been read */
  open(offset: number): AsyncIterableIterator<Uint8Array>;
}

export function contentOf(source: BlobSource, size?: number): Content {
  if (source instanceof Uint8Array) {
    return repeatable(source.byteLength, (offset) => [source.subarray(offset)]);
  }
  if (source instanceof Blob) return repeatable(source.size, (offset) => iterate(source.slice(offset).stream()));
  if ('open' in source) return repeatable(source.size, (offset) => iterate(source.open(offset)));
  return readOnce(source instanceof ReadableStream ? iterate(source) : source, size);
}

function repeatable(size: number, open: (offset: number) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Content {
  return { size, isRepeatable: true, open: (offset) => parts(open(offset)) };
}

function readOnce(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, size: number | undefined): Content {
  let isRead = false;
  return {
    size,
    isRepeatable: false,
    open() {
      if (isRead) throw new RegistryError('invalid_request', 'a stream cannot be read a second time');
      isRead = true;
      return parts(source);
    },
  };
}

async function* parts(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const part of source) if (part.byteLength > 0) yield part;
}

/** Not every runtime's streams are iterable. */
async function* iterate(source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (!(source instanceof ReadableStream)) {
    yield* source;
    return;
  }
  const reader = source.getReader();
  let isAtEnd = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isAtEnd = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!isAtEnd) await reader.cancel().catch(() => {});
  }
}

/** Pieces of exactly `size` bytes, but for the last one. */
export async function* inChunks(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let chunk = new Uint8Array(size);
  let filled = 0;
  for await (const part of source) {
    for (let at = 0; at < part.byteLength; ) {
      const taken = part.subarray(at, at + size - filled);
      chunk.set(taken, filled);
      filled += taken.byteLength;
      at += taken.byteLength;
      if (filled === size) {
        yield chunk;
        // The one before may still be on its way.
        chunk = new Uint8Array(size);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}
