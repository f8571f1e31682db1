import { explainFailure } from '../connection-failure.ts';
import type { Fetch } from '../send.ts';
import { RegistryConnectionError, RegistryError } from './registry-error.ts';

/** Bytes that are all there, or a function that makes a stream for every try. */
export type Body = Uint8Array<ArrayBuffer> | (() => ReadableStream<Uint8Array>);

export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** An upload, which takes as long as it takes, also to be stored. */
  readonly isPatient?: boolean;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly response: Response;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
}

export interface ExchangeOptions {
  readonly fetch: Fetch;
  /** Milliseconds until the head of an answer has to be there. */
  readonly timeout: number;
}

const MAX_REDIRECTS = 10;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/**
 * One request and its answer, whatever the status. Follows redirects itself, so that credentials stay with the host that they
 * are for, and so that a method stays what it is.
 * @throws RegistryConnectionError
 */
export async function exchange(outgoing: Outgoing, options: ExchangeOptions): Promise<Answer> {
  let { url, method, body } = outgoing;
  const headers = new Headers(outgoing.headers);
  // Anything else would be decompressed on the way, and digests and sizes would be of something else.
  headers.set('accept-encoding', 'identity');
  for (let hop = 0; ; hop += 1) {
    const response = await fetchOnce({ ...outgoing, url, method, body }, headers, options);
    const location = response.headers.get('location');
    if (!REDIRECTS.includes(response.status) || location === null) return { response, url };
    await response.body?.cancel().catch(() => {});
    if (hop >= MAX_REDIRECTS) throw odd(`${outgoing.url.host} redirects without end`);
    const next = nextAddress(URL.canParse(location, url) ? new URL(location, url) : undefined, url);
    if (next.origin !== url.origin) headers.delete('authorization');
    if (response.status === 303 && method !== 'HEAD') [method, body] = ['GET', undefined];
    url = next;
  }
}

/** An address that a registry gave, if it may be followed. @throws RegistryError `unexpected_answer` */
export function nextAddress(url: URL | undefined, from: URL): URL {
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw odd(`${from.host} refers to what is no web address`);
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw odd(`${from.host} leads from https to plain http, where anybody could change what is sent`);
  }
  // Credentials in an address would be sent, and shown in errors.
  url.username = '';
  url.password = '';
  return url;
}

function odd(message: string): RegistryError {
  return new RegistryError('unexpected_answer', message);
}

async function fetchOnce(outgoing: Outgoing, headers: Headers, { fetch, timeout }: ExchangeOptions): Promise<Response> {
  const { url, method, body, isPatient, signal } = outgoing;
  const isStream = typeof body === 'function';
  const timer = new AbortController();
  const alarm = setTimeout(() => timer.abort(new DOMException('no answer', 'TimeoutError')), timeout);
  if (isPatient) clearTimeout(alarm);
  const signals = [signal, timer.signal].filter((entry) => entry !== undefined);
  try {
    return await fetch(url.href, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any(signals),
      body: isStream ? body() : body,
      // Node keeps a copy of a streamed body in memory, to send it again after a redirect, unless these two say that it must
      // not. TypeScript's types do not know `duplex`, which the Fetch standard wants.
      ...(isStream && { redirect: 'error' as const, window: null, duplex: 'half' }),
      // Bun ends a request after five minutes unless told otherwise. Node ignores it.
      ...{ timeout: false },
    });
  } catch (error) {
    throw connectionError(url, error, signal);
  } finally {
    clearTimeout(alarm);
  }
}

function connectionError(url: URL, error: unknown, signal: AbortSignal | undefined): RegistryError {
  // What a source of bytes throws while it is being sent is the caller's own affair.
  if (error instanceof RegistryError) return error;
  if (signal?.aborted) {
    return new RegistryConnectionError('cancelled', 'the request was cancelled', { cause: signal.reason });
  }
  const { kind, message, hint } = explainFailure(url.origin, error);
  return new RegistryConnectionError('connection_failed', message, {
    hint: kind === 'redirect' ? 'give a chunk size: what is sent in pieces can follow' : hint,
    isTransient: kind !== 'redirect' && kind !== 'certificate',
    cause: error,
  });
}
