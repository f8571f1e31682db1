import { parseDigest } from './digest.ts';
import { createHasher, type Hasher } from './hasher.ts';
import { type Place, pathIn, scopeOf } from './place.ts';
import { readPart } from './read-bytes.ts';
import { RegistryConnectionError, RegistryDigestError, RegistryError } from './registry-error.ts';
import { Retries } from './retries.ts';

export interface PullBlobOptions {
  /** Bytes that a manifest promises. */
  readonly size?: number;
  /** `total` is undefined where the registry does not say the size. */
  readonly onProgress?: (received: number, total: number | undefined) => void;
  readonly signal?: AbortSignal;
}

export interface PulledBlob {
  readonly digest: string;
  /** Undefined where neither the caller nor the registry says it. */
  readonly size: number | undefined;
  /** Ends with an error unless the bytes are those of the digest; never gives more than `size` of them. */
  readonly stream: ReadableStream<Uint8Array>;
}

/** So many new bytes make a connection that breaks a working one. */
const REAL_PROGRESS = 64 * 1024;

/** Begins to read a blob. @throws RegistryNotFoundError */
export async function pullBlob(place: Place, digest: string, options: PullBlobOptions = {}): Promise<PulledBlob> {
  const download = new Download(place, digest, await createHasher(parseDigest(digest).algorithm), options);
  await download.begin();
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const part = await download.read();
        if (part === undefined) controller.close();
        else controller.enqueue(part);
      },
      cancel: () => download.cancel(),
    },
    { highWaterMark: 0 },
  );
  return { digest, size: download.size, stream };
}

class Download {
  readonly #place: Place;
  readonly #digest: string;
  readonly #hasher: Hasher;
  readonly #options: PullBlobOptions;
  readonly #retries: Retries;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #size: number | undefined;
  #received = 0;
  #receivedAtBreak = 0;
  /** Bytes that come once more, from a server that knows no ranges. */
  #toSkip = 0;
  #isVerified = false;

  constructor(place: Place, digest: string, hasher: Hasher, options: PullBlobOptions) {
    this.#place = place;
    this.#digest = digest;
    this.#hasher = hasher;
    this.#options = options;
    this.#size = options.size;
    this.#retries = new Retries(place.connection.policy, place.connection.signalFor(options.signal));
  }

  get size(): number | undefined {
    return this.#size;
  }

  async begin(): Promise<void> {
    await this.#expect(announcedSize(await this.#request({})));
    if (this.#size === undefined) await this.#expect(await this.#askSize());
  }

  /** Not every server says the length of what it streams. */
  async #askSize(): Promise<number | undefined> {
    const { connection, name } = this.#place;
    const { response } = await connection.send({
      method: 'HEAD',
      url: pathIn(this.#place, `blobs/${this.#digest}`),
      scopes: [scopeOf(name, 'pull')],
      allowed: [404, 405],
      signal: this.#options.signal,
    });
    return response.ok ? announcedSize(response) : undefined;
  }

  /** The next bytes, undefined at the end. The last ones are given out only when all are known to be right. */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const part = await this.#next();
      if (part === undefined) {
        if (!this.#isVerified) await this.#verify();
        return undefined;
      }
      if (part.byteLength === 0) continue;
      this.#received += part.byteLength;
      if (this.#size !== undefined && this.#received > this.#size) {
        await this.#fail(`more than ${this.#size} bytes`);
      }
      this.#hasher.update(part);
      if (this.#received === this.#size) await this.#verify();
      this.#options.onProgress?.(this.#received, this.#size);
      return part;
    }
  }

  async cancel(): Promise<void> {
    await this.#reader?.cancel().catch(() => {});
  }

  async #next(): Promise<Uint8Array | undefined> {
    for (;;) {
      try {
        const part = await this.#readPart();
        if (part !== undefined) return this.#skip(part);
        if (this.#size === undefined || this.#received >= this.#size) return undefined;
        throw new RegistryConnectionError('connection_failed', 'the blob ended too early', { isTransient: true });
      } catch (error) {
        // Everything is there; how the connection ends is of no matter.
        if (this.#isVerified) return undefined;
        await this.#goOn(error);
      }
    }
  }

  async #readPart(): Promise<Uint8Array | undefined> {
    const { connection } = this.#place;
    if (connection.signalFor(this.#options.signal)?.aborted) {
      throw new RegistryConnectionError('cancelled', 'the request was cancelled');
    }
    if (this.#reader === undefined) return undefined;
    return (await readPart(this.#reader, connection.timeout)).value;
  }

  #skip(part: Uint8Array): Uint8Array {
    const skipped = Math.min(this.#toSkip, part.byteLength);
    this.#toSkip -= skipped;
    return part.subarray(skipped);
  }

  /** Asks for what is missing. @throws `error` when that was tried often enough */
  async #goOn(error: unknown): Promise<void> {
    await this.cancel();
    if (this.#received - this.#receivedAtBreak >= REAL_PROGRESS) this.#retries.succeeded();
    this.#receivedAtBreak = this.#received;
    if (!(await this.#retries.another(error))) throw this.#retries.verdict(error);
    const response = await this.#request(this.#received === 0 ? {} : { range: `bytes=${this.#received}-` });
    if (response.status === 206) return this.#checkRange(response.headers.get('content-range') ?? '');
    this.#toSkip = this.#received;
    await this.#expect(announcedSize(response));
  }

  async #request(headers: Readonly<Record<string, string>>): Promise<Response> {
    const { connection, name } = this.#place;
    const { response } = await connection.send({
      method: 'GET',
      url: pathIn(this.#place, `blobs/${this.#digest}`),
      scopes: [scopeOf(name, 'pull')],
      headers,
      signal: this.#options.signal,
    });
    this.#reader = response.body?.getReader();
    return response;
  }

  async #checkRange(header: string): Promise<void> {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header) ?? [];
    if (Number(start) !== this.#received) {
      await this.cancel();
      throw new RegistryError(
        'unexpected_answer',
        'the registry went on with the blob at another place than asked for',
      );
    }
    if (total !== undefined && total !== '*') await this.#expect(Number(total));
  }

  async #expect(announced: number | undefined): Promise<void> {
    this.#size ??= announced;
    if (announced !== undefined && announced !== this.#size) await this.#fail(`${announced} bytes`);
  }

  async #verify(): Promise<void> {
    const got = this.#hasher.digest();
    this.#isVerified = true;
    if (got === this.#digest) return;
    await this.cancel();
    throw new RegistryDigestError(this.#digest, got, `the registry sent other bytes than those of ${this.#digest}`);
  }

  async #fail(got: string): Promise<never> {
    await this.cancel();
    throw new RegistryDigestError(`${this.#size} bytes`, got, `the registry sent ${got} for ${this.#digest}`);
  }
}

/** The length of the blob, where the answer has one: not that of a compressed form. */
export function announcedSize(response: Response): number | undefined {
  const encoding = response.headers.get('content-encoding');
  const length = response.headers.get('content-length');
  return length !== null && /^\d+$/.test(length) && (encoding === null || encoding === 'identity')
    ? Number(length)
    : undefined;
}
