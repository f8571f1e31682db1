import { explainFailure, wasRefused } from './connection-failure.ts';
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

function unreachable(url: string, error: unknown): PackyardClientError {
  const { message, hint } = explainFailure(new URL(url).origin, error);
  return new PackyardClientError('connection_failed', message, { hint, cause: error });
}
