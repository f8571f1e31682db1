import { RegistryConnectionError, RegistryError } from './registry-error.ts';

/** Milliseconds without a byte before a connection counts as broken. */
export const IDLE_TIMEOUT = 60_000;

/** Reads a small body. @throws RegistryError `unexpected_answer` when it is larger than `limit` bytes */
export async function readBytes(
  response: Response,
  options: { readonly limit: number; readonly idleTimeout?: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await readPart(reader, options.idleTimeout);
      if (done) break;
      size += value.byteLength;
      if (size > options.limit) {
        throw new RegistryError('unexpected_answer', `the answer is longer than ${options.limit} bytes`);
      }
      parts.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

/**
 * The next part of a body.
 * @throws RegistryConnectionError when the connection breaks or nothing comes for `idleTimeout` milliseconds
 */
export async function readPart(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  idleTimeout = IDLE_TIMEOUT,
): Promise<{ readonly done: true; readonly value?: undefined } | { readonly done: false; readonly value: Uint8Array }> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const idle = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(broken('nothing came any more')), idleTimeout);
  });
  try {
    const { done, value } = await Promise.race([reader.read(), idle]);
    return done || value === undefined ? { done: true } : { done, value };
  } catch (error) {
    throw error instanceof RegistryError ? error : broken('the connection broke', error);
  } finally {
    clearTimeout(timer);
  }
}

function broken(why: string, cause?: unknown): RegistryConnectionError {
  return new RegistryConnectionError('connection_failed', `the answer ended too early: ${why}`, {
    hint: 'check the network and try again',
    isTransient: true,
    cause,
  });
}
