import type { RegistryRequest } from './connection.ts';
import type { DigestAlgorithm } from './digest.ts';
import type { Body } from './exchange.ts';
import { checkRepositoryName, nameAt } from './names.ts';
import { type Place, pathIn, scopeOf } from './place.ts';
import { RegistryError } from './registry-error.ts';
import { Retries } from './retries.ts';

/** What is sent of a blob, and where in it that belongs. */
export interface Piece {
  readonly start: number;
  readonly length: number;
  readonly body: Body;
}

export interface OpenOptions {
  readonly algorithm?: DigestAlgorithm;
  /** A blob that the registry may take from another repository instead. */
  readonly mount?: { readonly digest: string; readonly from: string };
  readonly signal?: AbortSignal;
}

export type Opened = { readonly session: UploadSession } | { readonly mounted: true };

/** Milliseconds that are waited for an upload to be cancelled. */
const CANCEL_TIMEOUT = 10_000;

/** An upload that a registry has begun: where the bytes go, and how many are there. */
export class UploadSession {
  /** The smallest piece that the registry takes, but for the last one. */
  readonly smallestPiece: number;
  readonly #place: Place;
  readonly #signal: AbortSignal | undefined;
  #location: URL;
  #offset = 0;
  #isResumed = false;
  #isSpoilt = false;

  private constructor(place: Place, location: URL, smallestPiece: number, signal: AbortSignal | undefined) {
    this.#place = place;
    this.#location = location;
    this.smallestPiece = smallestPiece;
    this.#signal = signal;
  }

  static async open(place: Place, options: OpenOptions): Promise<Opened> {
    const { algorithm, signal } = options;
    const host = place.connection.registry.hostname;
    const mount = options.mount && { ...options.mount, from: checkRepositoryName(nameAt(host, options.mount.from)) };
    const query = new URLSearchParams(mount && { mount: mount.digest, from: mount.from });
    // Registries that know only sha256 ignore it, and refuse the digest in the end.
    if (algorithm === 'sha512') query.append('digest-algorithm', algorithm);
    const answer = await place.connection.send({
      method: 'POST',
      url: `${pathIn(place, 'blobs/uploads/')}${query.size === 0 ? '' : `?${query}`}`,
      scopes: [scopeOf(place.name, 'pull', 'push'), ...(mount ? [scopeOf(mount.from, 'pull')] : [])],
      body: new Uint8Array(),
      signal,
    });
    await answer.response.body?.cancel();
    if (mount && answer.response.status === 201) return { mounted: true };
    const location = answer.response.headers.get('location');
    if (location === null) throw new RegistryError('unexpected_answer', 'the registry does not say where to upload to');
    const smallest = Number(answer.response.headers.get('oci-chunk-min-length') ?? 0);
    const url = place.connection.resolve(location, answer.url);
    return { session: new UploadSession(place, url, smallest > 0 ? smallest : 0, signal) };
  }

  /**
   * Whether an error means that the registry has forgotten the upload, stands elsewhere in it, or has mixed what was sent before and
   * after a break, which a registry does that does not look at ranges.
   */
  isLostBy(error: unknown): boolean {
    if (!(error instanceof RegistryError)) return false;
    this.#isSpoilt ||= this.#isResumed && error.code === 'DIGEST_INVALID';
    return this.#isSpoilt || error.status === 404 || error.status === 416 || error.code === 'BLOB_UPLOAD_INVALID';
  }

  /** Whether only a new upload can end well. */
  get isSpoilt(): boolean {
    return this.#isSpoilt;
  }

  /** How many bytes the registry has. */
  get offset(): number {
    return this.#offset;
  }

  /** Appends bytes, and where that breaks off, the rest of them from where the registry stands. */
  async append(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const start = this.#offset;
    const end = start + bytes.byteLength;
    const { connection } = this.#place;
    const retries = new Retries(connection.policy, connection.signalFor(this.#signal));
    let refusals = 0;
    while (this.#offset < end) {
      const at = this.#offset;
      try {
        const isTaken = await this.#patch({ start: at, length: end - at, body: bytes.subarray(at - start) });
        if (isTaken && this.#offset > at) retries.succeeded();
        else refusals += 1;
      } catch (error) {
        if (!(await retries.another(error))) throw error;
        await this.refresh();
      }
      if (this.#offset < start || this.#offset > end || refusals >= connection.policy.attempts) {
        const message = 'the registry and this client disagree on how far the upload is';
        throw new RegistryError('unexpected_answer', message, { isTransient: true });
      }
    }
  }

  /** Ends the upload; the last, or all, bytes can come along. */
  async finish(digest: string, last?: Piece): Promise<void> {
    const separator = this.#location.search === '' ? '?' : '&';
    const { response } = await this.#send({
      method: 'PUT',
      url: new URL(`${this.#location.href}${separator}digest=${encodeURIComponent(digest)}`),
      headers: { ...pieceHeaders(last?.length ?? 0), ...(last && last.start > 0 && contentRange(last)) },
      body: last?.body ?? new Uint8Array(),
      isPatient: true,
      once: true,
    });
    await response.body?.cancel();
    const named = response.headers.get('docker-content-digest');
    if (named !== null && named !== digest && named.split(':')[0] === digest.split(':')[0]) {
      throw new RegistryError('unexpected_answer', `the registry stored ${named} where ${digest} was sent`);
    }
  }

  /** Asks how far the upload is. @throws RegistryError also when the registry has given it up */
  async refresh(): Promise<void> {
    const answer = await this.#send({ method: 'GET', url: this.#location });
    await answer.response.body?.cancel();
    this.#isResumed = true;
    this.#follow(answer.response, answer.url, undefined);
  }

  /** Lets the registry forget the upload. It would do so by itself, later: that it cannot now is no failure. */
  async cancel(): Promise<void> {
    const request = {
      method: 'DELETE',
      url: this.#location,
      scopes: [scopeOf(this.#place.name, 'pull', 'push')],
      signal: AbortSignal.timeout(CANCEL_TIMEOUT),
      // That the caller cancels is a reason to come here.
      outlivesCaller: true,
      once: true,
    };
    await this.#place.connection
      .send(request)
      .then(({ response }) => response.body?.cancel())
      .catch(() => {});
  }

  /** @returns false when the registry stands elsewhere and takes nothing; it says where then */
  async #patch(piece: Piece): Promise<boolean> {
    const { response, url } = await this.#send({
      method: 'PATCH',
      url: this.#location,
      headers: { ...pieceHeaders(piece.length), ...contentRange(piece) },
      body: piece.body,
      isPatient: true,
      allowed: [416],
      once: true,
    });
    await response.body?.cancel();
    const isTaken = response.status !== 416;
    if (isTaken) this.#offset = piece.start + piece.length;
    if (!isTaken && response.headers.get('range') === null) await this.refresh();
    else this.#follow(response, url, isTaken ? undefined : piece.start);
    return isTaken;
  }

  async #send(request: Omit<RegistryRequest, 'scopes' | 'signal'>) {
    const scopes = [scopeOf(this.#place.name, 'pull', 'push')];
    return this.#place.connection.send({ ...request, scopes, signal: this.#signal });
  }

  /** Takes over where the upload goes on. Distribution specification: `Range: 0-<last byte>`, `0-0` also for nothing. */
  #follow(response: Response, from: URL, refusedAt: number | undefined): void {
    const location = response.headers.get('location');
    if (location !== null) this.#location = this.#place.connection.resolve(location, from);
    const [, last] = /^(?:bytes=)?0-(-?\d+)$/.exec(response.headers.get('range') ?? '') ?? [];
    if (last === undefined) return;
    const isOneByte = this.#offset > 0 || refusedAt === 0;
    this.#offset = last === '0' && !isOneByte ? 0 : Number(last) + 1;
  }
}

function pieceHeaders(length: number): Record<string, string> {
  return { 'content-type': 'application/octet-stream', 'content-length': String(length) };
}

function contentRange({ start, length }: Piece): Record<string, string> {
  return { 'content-range': `${start}-${start + length - 1}` };
}
