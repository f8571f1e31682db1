import type { ByteRange, ObjectBody } from '../object-store.ts';
import type { S3Connection } from './s3-connection.ts';
import { S3Failure } from './s3-failure.ts';
import { backOff, withRetries } from './with-retries.ts';

/** Up to this size an object is read as a whole before it is passed on: that can be repeated, and has a known length. */
const SMALL = 1024 * 1024;
/** Attempts to go on where the last one brought nothing. */
const ATTEMPTS = 5;

/**
 * Reads an object. A small one comes as a whole; of a large one only what its reader takes, and where the connection breaks
 * in the middle, it goes on from there without the reader noticing.
 * @throws S3Failure; while a body is read, what `translate` makes of it
 */
export async function readObject(
  connection: S3Connection,
  key: string,
  range: ByteRange | undefined,
  translate: (error: unknown) => never,
): Promise<ObjectBody> {
  if (range && range.end <= range.start) return new Blob([]);
  return withRetries(connection.retries, async () => {
    const abort = new AbortController();
    const response = await get(connection, key, range, abort.signal);
    const size = lengthOf(response, range);
    if (size > SMALL) return resumable(connection, key, response, { start: range?.start ?? 0, size, abort, translate });
    const bytes = await unlessStalled(connection, response.bytes()).catch((error: unknown) => {
      abort.abort();
      throw error;
    });
    if (bytes.byteLength !== size) throw new S3Failure('cut', {});
    return new Blob([bytes]);
  });
}

async function get(
  connection: S3Connection,
  key: string,
  range: ByteRange | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const headers: Record<string, string> = range ? { range: `bytes=${range.start}-${range.end - 1}` } : {};
  const response = await connection.request({ method: 'GET', key, headers, signal });
  if (!range || response.status === 206) return response;
  await response.body?.cancel();
  throw new S3Failure('the store answers parts of objects with the whole', { status: 501 });
}

function lengthOf(response: Response, range: ByteRange | undefined): number {
  const size = Number(response.headers.get('content-length') ?? Number.NaN);
  if (Number.isSafeInteger(size) && (!range || size === range.end - range.start)) return size;
  throw new S3Failure('the store sends another length than it was asked for', { status: 502 });
}

interface Progress {
  /** Where the first response begins in the object. */
  readonly start: number;
  /** Bytes to come. */
  readonly size: number;
  readonly abort: AbortController;
  readonly translate: (error: unknown) => never;
}

function resumable(
  connection: S3Connection,
  key: string,
  first: Response,
  { start, size, abort, translate }: Progress,
): ReadableStream<Uint8Array> {
  const end = start + size;
  let offset = start;
  let reader = first.body?.getReader();
  /** Attempts since the last byte. */
  let failed = 0;

  const goOn = async (): Promise<void> => {
    await reader?.cancel().catch(() => {});
    failed += 1;
    if (failed > ATTEMPTS) throw new S3Failure('cut', {});
    await backOff(connection.retries, failed);
    const again = () => get(connection, key, { start: offset, end }, abort.signal);
    reader = (await withRetries(connection.retries, again, abort.signal)).body?.getReader();
  };

  /** The next bytes; undefined: the connection broke. */
  const next = async (): Promise<Uint8Array | undefined> => {
    if (!reader) return undefined;
    try {
      return (await unlessStalled(connection, reader.read())).value;
    } catch (error) {
      if (abort.signal.aborted) throw error;
      return undefined;
    }
  };

  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    let bytes = await next();
    while (!bytes) {
      await goOn();
      bytes = await next();
    }
    failed = 0;
    offset += bytes.byteLength;
    if (offset > end) throw new S3Failure('the store sends more than it was asked for', { status: 502 });
    controller.enqueue(bytes);
    if (offset === end) controller.close();
  };

  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => pull(controller).catch(translate),
      cancel() {
        // The store must not go on sending to nobody.
        abort.abort();
      },
    },
    { highWaterMark: 0 },
  );
}

async function unlessStalled<T>(connection: S3Connection, reading: Promise<T>): Promise<T> {
  let timer: Timer | undefined;
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new S3Failure('timeout', {})), connection.stalledAfter);
  });
  try {
    return await Promise.race([reading, stalled]);
  } finally {
    clearTimeout(timer);
  }
}
