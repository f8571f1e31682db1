import type { Authorizer, SentHeader } from '../oci/authorizer.ts';
import { Connection } from '../oci/connection.ts';
import { readTextFile } from '../oci/local-file.ts';
import { registryHost } from '../oci/names.ts';
import { IDLE_TIMEOUT } from '../oci/read-bytes.ts';
import { RegistryDigestError, RegistryError, RegistryUnauthorizedError } from '../oci/registry-error.ts';
import { DEFAULT_POLICY } from '../oci/retries.ts';
import type { Fetch } from '../send.ts';
import { DXFDigestMismatchError, DXFUnauthorizedError } from './dxf-errors.ts';
import type { DXFOptions } from './dxf-options.ts';

/** What requests carry, until somebody logs in anew. */
export class Login implements Authorizer {
  authorization: string | undefined;
  /** Texts that errors must not show. */
  secrets: readonly string[] = [];
  readonly #onRefusal: (response: Response) => unknown;

  constructor(onRefusal: (response: Response) => unknown) {
    this.#onRefusal = onRefusal;
  }

  async header(): Promise<string | undefined> {
    return this.authorization;
  }

  async refused(response: Response, _scopes: unknown, sent: SentHeader): Promise<boolean> {
    if (sent.isNew) return false;
    await this.#onRefusal(response);
    return this.authorization !== sent.authorization;
  }

  readonly redact = (text: string): string => {
    const header = this.authorization?.replace(/^\S+\s+/, '');
    return [...this.secrets, ...(header ? [header] : [])].reduce(
      (shown, secret) => shown.replaceAll(secret, '***'),
      text,
    );
  };
}

/** @throws RegistryError `invalid_request` when `host` is none */
export function connect(host: string, options: DXFOptions, authorizer: Authorizer): Connection {
  const address = `${options.insecure ? 'http' : 'https'}://${registryHost(host)}/`;
  if (!URL.canParse(address) || new URL(address).pathname !== '/' || /[@?#]/.test(address)) {
    throw new RegistryError('invalid_request', `not a registry's host: ${JSON.stringify(host)}`, {
      hint: 'write it like localhost:5000, without http:// and without a repository',
    });
  }
  return new Connection({
    registry: new URL(address),
    authorizer,
    fetch: options.fetch ?? fetchVerifying(options.tlsverify),
    policy: { ...DEFAULT_POLICY, ...(options.sleep && { sleep: options.sleep }) },
    timeout: options.timeout === undefined ? IDLE_TIMEOUT : options.timeout * 1000,
    signal: options.signal,
  });
}

function fetchVerifying(tlsverify: boolean | string | undefined): Fetch {
  if (tlsverify === undefined || tlsverify === true) return fetch;
  if (!('Bun' in globalThis)) {
    throw new RegistryError('invalid_request', 'tlsverify works on Bun alone', {
      hint: 'name your certificates in NODE_EXTRA_CA_CERTS, or give a `fetch` of your own',
    });
  }
  let ca: Promise<string> | undefined;
  return async (url, init) => {
    if (typeof tlsverify === 'string') ca ??= readTextFile(tlsverify);
    const tls = typeof tlsverify === 'string' ? { ca: await ca } : { rejectUnauthorized: false };
    return fetch(url, { ...init, ...{ tls } });
  };
}

/** Errors as `DXF` names them. */
export function asDxfError(error: unknown): unknown {
  if (error instanceof RegistryUnauthorizedError && error.status === 401) {
    return new DXFUnauthorizedError({ detail: error.detail, hint: error.hint, cause: error });
  }
  return error instanceof RegistryDigestError ? new DXFDigestMismatchError(error.got, error.expected, error) : error;
}
