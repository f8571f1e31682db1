import type { Fetch } from '../send.ts';
import { Connection } from './connection.ts';
import type { CredentialSource, RegistryCredentials } from './credentials.ts';
import { isLoopback, nameAt, registryHost } from './names.ts';
import { type ListOptions, names } from './pages.ts';
import { IDLE_TIMEOUT } from './read-bytes.ts';
import { RegistryAuthorizer } from './registry-authorizer.ts';
import { RegistryError } from './registry-error.ts';
import { RegistryRepository } from './registry-repository.ts';
import { DEFAULT_POLICY } from './retries.ts';

export interface RegistryClientOptions {
  /** Left out, the client is anonymous. `dockerCredentials` makes a source of what `docker login` has stored. */
  readonly credentials?: RegistryCredentials | CredentialSource;
  /** Send credentials over plain HTTP to other machines too. Default false. */
  readonly allowInsecureLogin?: boolean;
  /** Tries in all for what can be repeated. Default 5. */
  readonly attempts?: number;
  /** Milliseconds without any answer, or without any byte of it, before a request is tried again. Default 60,000. */
  readonly timeout?: number;
  /** For certificates and proxies, which each runtime's `fetch` has its own way for. */
  readonly fetch?: Fetch;
  /** Ends every request of this client. */
  readonly signal?: AbortSignal;
  /** Waits between tries; replaced in tests. */
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

/** A client of any registry that speaks the OCI distribution protocol. */
export class RegistryClient {
  /** The registry's root, without a slash at the end. */
  readonly url: string;
  readonly #connection: Connection;

  /**
   * @param address `ghcr.io`, `localhost:5000`, or with `http://` or `https://`. Without it, https is meant, but for this
   * machine itself, where it is http.
   */
  constructor(address: string, options: RegistryClientOptions = {}) {
    const { registry, credentials } = parseAddress(address);
    this.url = registry.origin;
    this.#connection = new Connection({
      registry,
      authorizer: new RegistryAuthorizer({
        registry,
        credentials: options.credentials ?? credentials,
        allowInsecureLogin: options.allowInsecureLogin ?? false,
      }),
      fetch: options.fetch ?? fetch,
      policy: {
        ...DEFAULT_POLICY,
        ...(options.attempts !== undefined && { attempts: options.attempts }),
        ...(options.sleep && { sleep: options.sleep }),
      },
      timeout: options.timeout ?? IDLE_TIMEOUT,
      signal: options.signal,
    });
  }

  /** Whether a registry is there that lets the caller in. @throws RegistryError */
  async ping(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { response } = await this.#connection.send({
      method: 'GET',
      url: '/v2/',
      scopes: [],
      signal: options.signal,
    });
    await response.body?.cancel();
  }

  /** @param name on Docker Hub, one of a single part is meant below `library/` */
  repository(name: string): RegistryRepository {
    return new RegistryRepository(this.#connection, nameAt(this.#connection.registry.hostname, name));
  }

  /** The names of all repositories, asked for page by page. Not every registry gives them. */
  repositories(options: ListOptions = {}): AsyncIterableIterator<string> {
    return names(this.#connection, '/v2/_catalog', {
      ...options,
      key: 'repositories',
      scopes: ['registry:catalog:*'],
    });
  }
}

function parseAddress(address: string): { readonly registry: URL; readonly credentials?: RegistryCredentials } {
  const withScheme = /^https?:\/\//.test(address) ? address : `https://${address}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url === undefined || url.hostname === '' || !/^\/(?:v2\/?)?$/.test(url.pathname) || url.search !== '') {
    throw new RegistryError('invalid_request', 'not the address of a registry', {
      hint: 'write it like ghcr.io or http://localhost:5000, without a repository',
    });
  }
  const isPlain = withScheme !== address && isLoopback(url.hostname);
  const registry = new URL(`${isPlain ? 'http:' : url.protocol}//${registryHost(url.host)}`);
  if (url.username === '' && url.password === '') return { registry };
  return {
    registry,
    credentials: { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) },
  };
}
