import { type BlobSource, type Content, contentOf, inChunks } from './blob-source.ts';
import { type BlobRecord, statBlob } from './blobs.ts';
import { type DigestAlgorithm, parseDigest } from './digest.ts';
import { createHasher } from './hasher.ts';
import { type Measure, measured } from './measured.ts';
import type { Place } from './place.ts';
import {
  RegistryConnectionError,
  RegistryError,
  RegistryNotFoundError,
  RegistryUnauthorizedError,
} from './registry-error.ts';
import { Retries } from './retries.ts';
import { type Opened, type OpenOptions, UploadSession } from './upload-session.ts';

export interface PushBlobOptions {
  /** Left out, it is computed: beforehand for what can be read twice, else on the way. */
  readonly digest?: string;
  /** The kind of digest to compute. Default sha256. */
  readonly algorithm?: DigestAlgorithm;
  /** Bytes of a stream or an iterable, if known. */
  readonly size?: number;
  /** Bytes for each request. Left out, a blob whose size and digest are known goes in one; others in pieces of 8 MiB. */
  readonly chunkSize?: number;
  /** Ask first whether the blob is there already. Default true. */
  readonly skipExisting?: boolean;
  /** A repository of the same registry that may have the blob. */
  readonly mountFrom?: string;
  readonly onProgress?: (sent: number, total: number | undefined) => void;
  readonly signal?: AbortSignal;
}

export interface PushedBlob extends BlobRecord {
  /** `present`: it was there already. */
  readonly result: 'uploaded' | 'present' | 'mounted';
}

const CHUNK_SIZE = 8 * 1024 * 1024;
/** Up to this many bytes are held in memory: they can be sent again after a redirect or a new login. */
const SMALL = 1024 * 1024;

/** Uploads a blob, again or from where it broke off as far as the source and the registry allow; cancels what fails. */
export async function pushBlob(place: Place, source: BlobSource, options: PushBlobOptions = {}): Promise<PushedBlob> {
  const { algorithm, mountFrom, signal } = options;
  const content = contentOf(source, options.size);
  const digest = options.digest ?? (content.isRepeatable ? await digestOfContent(content, algorithm) : undefined);
  if (digest !== undefined) parseDigest(digest);
  if (digest !== undefined && options.skipExisting !== false) {
    const found = await statBlob(place, digest, { signal, size: content.size });
    if (found !== undefined) return { ...found, result: 'present' };
  }
  const upload = new Upload(place, content, digest, options);
  const mount = mountFrom !== undefined && digest !== undefined ? { digest, from: mountFrom } : undefined;
  const opened = await openUpload(place, { algorithm: upload.algorithm, mount, signal });
  if ('mounted' in opened) {
    const stored = mount && (await statBlob(place, mount.digest, { signal, size: content.size }));
    if (stored !== undefined) return { ...stored, result: 'mounted' };
    throw new RegistryError('unexpected_answer', 'the registry says that it mounted a blob, and does not have it');
  }
  return { ...(await upload.run(opened.session)), result: 'uploaded' };
}

/** Mounting is to save an upload: where the caller may not read the other repository, there is none to save. */
async function openUpload(place: Place, options: OpenOptions): Promise<Opened> {
  try {
    return await UploadSession.open(place, options);
  } catch (error) {
    const isRefused = error instanceof RegistryUnauthorizedError || error instanceof RegistryNotFoundError;
    if (options.mount === undefined || !isRefused) throw error;
    return UploadSession.open(place, { ...options, mount: undefined });
  }
}

async function digestOfContent(content: Content, algorithm: DigestAlgorithm = 'sha256'): Promise<string> {
  const hasher = await createHasher(algorithm);
  for await (const part of content.open(0)) hasher.update(part);
  return hasher.digest();
}

class Upload {
  readonly algorithm: DigestAlgorithm;
  readonly #place: Place;
  readonly #content: Content;
  readonly #digest: string | undefined;
  readonly #options: PushBlobOptions;
  readonly #retries: Retries;

  constructor(place: Place, content: Content, digest: string | undefined, options: PushBlobOptions) {
    this.#place = place;
    this.#content = content;
    this.#digest = digest;
    this.#options = options;
    this.algorithm = digest === undefined ? (options.algorithm ?? 'sha256') : parseDigest(digest).algorithm;
    this.#retries = new Retries(place.connection.policy, place.connection.signalFor(options.signal));
  }

  async run(first: UploadSession): Promise<BlobRecord> {
    let session = first;
    for (;;) {
      const measure = await this.#measure(session.offset);
      try {
        return await this.#send(session, measure);
      } catch (error) {
        const stored = await this.#recover(session, measure.fault ?? error);
        if (stored !== undefined) return stored;
        session = await this.#goOn(session);
      }
    }
  }

  /** @returns the blob if it is there after all; throws when there is no going on */
  async #recover(session: UploadSession, error: unknown): Promise<BlobRecord | undefined> {
    const lost = session.isLostBy(error) ? interrupted('the registry lost the upload', error) : error;
    const mayPass = lost instanceof RegistryError && lost.isTransient;
    // The upload may have ended well, and only the answer was lost.
    const stored = mayPass && this.#digest !== undefined ? await this.#stat(this.#digest) : undefined;
    if (stored !== undefined) {
      await session.cancel();
      return stored;
    }
    if (this.#content.isRepeatable && (await this.#retries.another(lost))) return undefined;
    await session.cancel();
    throw this.#retries.verdict(error);
  }

  #stat(digest: string): Promise<BlobRecord | undefined> {
    return statBlob(this.#place, digest, { signal: this.#options.signal, size: this.#content.size }).catch(
      () => undefined,
    );
  }

  /** The same upload from where the registry stands, or a new one. */
  async #goOn(session: UploadSession): Promise<UploadSession> {
    try {
      if (!session.isSpoilt) await session.refresh();
      // With nothing there, a new one is safer: what was sent before may still be on its way into this one.
      if (!session.isSpoilt && session.offset > 0 && session.offset <= (this.#content.size ?? 0)) return session;
    } catch {
      // The registry has forgotten it, or cannot say: a new one.
    }
    await session.cancel();
    const opened = await UploadSession.open(this.#place, { algorithm: this.algorithm, signal: this.#options.signal });
    if ('session' in opened) return opened.session;
    throw new RegistryError('unexpected_answer', 'the registry mounted a blob that nobody asked for');
  }

  async #measure(offset: number): Promise<Measure> {
    // From the middle on there is nothing to compare with a digest; the registry does it.
    const hasher = offset === 0 ? await createHasher(this.algorithm) : undefined;
    return { offset, size: this.#content.size, digest: this.#digest, hasher, onProgress: this.#options.onProgress };
  }

  #send(session: UploadSession, measure: Measure): Promise<BlobRecord> {
    const { size } = this.#content;
    return this.#options.chunkSize !== undefined || this.#digest === undefined || size === undefined
      ? this.#sendChunks(session, measure)
      : this.#sendWhole(session, measure, this.#digest, size);
  }

  async #sendWhole(session: UploadSession, measure: Measure, digest: string, size: number): Promise<BlobRecord> {
    const start = session.offset;
    const length = size - start;
    if (length <= SMALL) {
      let body = new Uint8Array();
      for await (const all of inChunks(measured(this.#content.open(start), measure), Math.max(length, 1))) body = all;
      await session.finish(digest, { start, length, body });
      return { digest, size };
    }
    let isSent = false;
    const stream = () => {
      // A login has run out in between: from the beginning, or from where the registry stands.
      if (isSent) throw interrupted('the registry wants a new login in the middle of the upload');
      isSent = true;
      return streamOf(measured(this.#content.open(start), measure));
    };
    await session.finish(digest, { start, length, body: stream });
    return { digest, size };
  }

  async #sendChunks(session: UploadSession, measure: Measure): Promise<BlobRecord> {
    const chunkSize = Math.max(this.#options.chunkSize ?? CHUNK_SIZE, session.smallestPiece, 1);
    for await (const chunk of inChunks(measured(this.#content.open(session.offset), measure), chunkSize)) {
      await session.append(chunk);
    }
    const digest = this.#digest ?? measure.got ?? '';
    await session.finish(digest);
    return { digest, size: session.offset };
  }
}

function interrupted(message: string, cause?: unknown): RegistryConnectionError {
  return new RegistryConnectionError('connection_failed', message, { isTransient: true, cause });
}

function streamOf(parts: AsyncIterator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await parts.return?.()),
    },
    { highWaterMark: 0 },
  );
}
