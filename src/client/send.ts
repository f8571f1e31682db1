import { PackyardClientError } from './packyard-client-error.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface SendOptions {
  readonly fetch: Fetch;
  /** Waits so many milliseconds; replaced in tests. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Tries in all, the first included. */
const ATTEMPTS = 3;
/** Milliseconds before the second and third try when nobody answers at the address. */
const PAUSES = [250, 1000];
/** The longest wait that a server can ask for, in seconds. */
const MAX_RETRY_AFTER = 20;

/**
 * Sends a request, again where that is safe: nobody listened, or the server itself said 503 and when to come back.
 * @param makeInit called for every try, since a body's stream can be read once only
 * @throws PackyardClientError `connection_failed`
 */
export async function send(url: string, makeInit: () => RequestInit, options: SendOptions): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt >= ATTEMPTS;
    let response: Response;
    try {
      response = await options.fetch(url, makeInit());
    } catch (error) {
      if (last || !wasRefused(error)) throw unreachable(url, error);
      await options.sleep(PAUSES[attempt - 1] ?? 1000);
      continue;
    }
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    if (last || response.status !== 503 || !(seconds >= 0 && seconds <= MAX_RETRY_AFTER)) return response;
    await response.body?.cancel();
    await options.sleep(seconds * 1000);
  }
}

/** Node puts the system's code into the cause, Bun on the error itself. */
function systemCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string') return current.code;
    if (current instanceof AggregateError) return systemCode(current.errors[0]);
  }
  return undefined;
}

function wasRefused(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ECONNREFUSED' || code === 'ConnectionRefused';
}

/** Bun has a code for it, Node only words. */
function isRedirect(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return systemCode(error) === 'UnexpectedRedirect' || /redirect/i.test(error.message) || isRedirect(error.cause);
}

function unreachable(url: string, error: unknown): PackyardClientError {
  const server = new URL(url).origin;
  if (error instanceof Error && error.name === 'AbortError') {
    return new PackyardClientError('connection_failed', 'the request was cancelled', { cause: error });
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new PackyardClientError('connection_failed', `${server} did not answer in time`, {
      hint: 'the server may be busy: try again',
      cause: error,
    });
  }
  if (isRedirect(error)) {
    return new PackyardClientError('connection_failed', `${server} sends uploads to another address`, {
      hint: 'use that address at once; often it is the same with https',
      cause: error,
    });
  }
  if (wasRefused(error)) {
    return new PackyardClientError('connection_failed', `nobody answers at ${server}`, {
      hint: 'check that the server runs and that the address and port are right',
      cause: error,
    });
  }
  return new PackyardClientError('connection_failed', `the connection to ${server} failed`, {
    hint: 'check the address, the network and, with https, the certificate; then try again',
    cause: error,
  });
}
