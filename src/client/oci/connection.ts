import type { Fetch } from '../send.ts';
import type { Authorizer } from './authorizer.ts';
import { type Answer, exchange, nextAddress, type Outgoing } from './exchange.ts';
import { type Redact, refusal } from './refusal.ts';
import { RegistryConnectionError } from './registry-error.ts';
import { Retries, type RetryPolicy } from './retries.ts';
import { parseScopes } from './scopes.ts';

export interface ConnectionOptions {
  /** The registry's root, `https://ghcr.io`. */
  readonly registry: URL;
  readonly authorizer: Authorizer;
  readonly fetch: Fetch;
  readonly policy: RetryPolicy;
  /** Milliseconds: until an answer has to begin, and without a byte of it. */
  readonly timeout: number;
  /** Ends every request. */
  readonly signal: AbortSignal | undefined;
}

export interface RegistryRequest extends Omit<Outgoing, 'url'> {
  /** A path under the registry's root, or a whole address that the registry gave. */
  readonly url: string | URL;
  /** What a token for it has to be good for: `repository:team/app:pull`. */
  readonly scopes: readonly string[];
  /** Statuses that are an answer beside 2xx, not an error. */
  readonly allowed?: readonly number[];
  /** Whether a failure is the caller's affair, who knows better how to go on. Also what cannot be sent twice. */
  readonly once?: boolean;
  /** Goes on when the whole connection is to end: it only tidies up. */
  readonly outlivesCaller?: boolean;
}

export interface RegistryAnswer extends Answer {
  /** How often it was sent. */
  readonly tries: number;
}

/** A new token, and a wider one. */
const AUTHORIZATIONS = 2;

/** Sends requests to one registry: logged in, with patience, and with every refusal as a `RegistryError`. */
export class Connection {
  readonly registry: URL;
  readonly policy: RetryPolicy;
  readonly timeout: number;
  readonly redact: Redact;
  readonly #options: ConnectionOptions;
  /** What a token server failed with although it was asked often enough: asking for the thing itself again repeats all that. */
  readonly #final = new WeakSet<object>();

  constructor(options: ConnectionOptions) {
    this.registry = options.registry;
    this.policy = options.policy;
    this.timeout = options.timeout;
    this.redact = options.authorizer.redact;
    this.#options = options;
  }

  async send(request: RegistryRequest): Promise<RegistryAnswer> {
    const signal = request.outlivesCaller ? request.signal : this.signalFor(request.signal);
    const retries = new Retries(this.policy, signal);
    for (;;) {
      try {
        return { ...(await this.#authorized({ ...request, signal })), tries: retries.failed + 1 };
      } catch (error) {
        const isFinal = request.once || (error instanceof Error && this.#final.has(error));
        if (isFinal || !(await retries.another(error))) throw retries.verdict(error);
      }
    }
  }

  /** A request as it is, without the registry's credentials, and with patience. Any other answer is given as it is. */
  async ask(outgoing: Outgoing): Promise<Answer> {
    const signal = this.signalFor(outgoing.signal);
    const retries = new Retries(this.policy, signal);
    for (;;) {
      try {
        const answer = await exchange({ ...outgoing, signal }, this.#options);
        if (answer.response.status < 429) return answer;
        throw await refusal(answer.response, outgoing.method, answer.url, this.redact);
      } catch (error) {
        if (await retries.another(error)) continue;
        if (error instanceof Error) this.#final.add(error);
        throw retries.verdict(error);
      }
    }
  }

  /** Both the caller's and that of the whole connection. */
  signalFor(signal: AbortSignal | undefined): AbortSignal | undefined {
    const own = this.#options.signal;
    return own !== undefined && signal !== undefined && own !== signal
      ? AbortSignal.any([own, signal])
      : (signal ?? own);
  }

  /** What the registry calls an address. Behind a proxy it may not know that it is reached by https. */
  resolve(location: string, from: URL): URL {
    const url = URL.canParse(location, from) ? new URL(location, from) : undefined;
    const { protocol, hostname, port } = this.registry;
    if (protocol === 'https:' && url?.protocol === 'http:' && url.hostname === hostname) {
      if (url.port === '') url.port = port;
      url.protocol = 'https:';
    }
    return nextAddress(url, from);
  }

  async #authorized(request: RegistryRequest): Promise<Answer> {
    const url = new URL(request.url, this.registry);
    const scopes = parseScopes(...request.scopes);
    const { authorizer } = this.#options;
    // Without the request's signal: others may wait for the same token.
    const ask = (outgoing: Outgoing) => this.ask(outgoing);
    const { signal } = request;
    const isOurs = url.origin === this.registry.origin;
    for (let round = 0; ; round += 1) {
      const authorization = isOurs ? await unlessAborted(authorizer.header(scopes, ask), signal) : undefined;
      const headers = { ...request.headers, ...(authorization !== undefined && { authorization }) };
      const answer = await exchange({ ...request, url, headers }, this.#options);
      const { response } = answer;
      if (response.ok || request.allowed?.includes(response.status)) return answer;
      const mayLogIn = response.status === 401 && isOurs && answer.url.origin === url.origin;
      const sent = { authorization, isNew: round > 0 };
      const refused = () => unlessAborted(authorizer.refused(response, scopes, sent, ask), signal);
      if (!mayLogIn || round >= AUTHORIZATIONS || !(await refused())) {
        throw await refusal(response, request.method, answer.url, authorizer.redact);
      }
      await response.body?.cancel().catch(() => {});
    }
  }
}

/** Waits no longer than the caller wants to. */
async function unlessAborted<T>(action: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return action;
  let stop = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new RegistryConnectionError('cancelled', 'the request was cancelled'));
  });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([action, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
