import { RegistryError } from '../oci/registry-error.ts';
import type { DXFAuth, DXFAuthenticateOptions, DXFListOptions, DXFOptions } from './dxf-options.ts';

/** A registry, for what belongs to no repository. Method names are those of the Python module of the same name. */
export class DXFBase {
  readonly host: string;
  readonly options: DXFOptions;
  protected readonly auth: DXFAuth | undefined;
  #token: string | undefined;

  /** @param host with a port where it is not the usual one: `registry-1.docker.io`, `localhost:5000` */
  constructor(host: string, auth?: DXFAuth, options: DXFOptions = {}) {
    this.host = host;
    this.auth = auth;
    this.options = options;
  }

  /** The Bearer token that requests carry. */
  get token(): string | undefined {
    return this.#token;
  }

  set token(token: string) {
    this.#token = token;
  }

  /** @returns the token, or undefined where the registry wants none or takes the user name and password itself */
  authenticate(_username?: string, _password?: string, _options?: DXFAuthenticateOptions): Promise<string | undefined> {
    throw notBuilt();
  }

  /** The name of `authenticate` before version 2. */
  authByPassword(username: string, password: string, options?: DXFAuthenticateOptions): Promise<string | undefined> {
    return this.authenticate(username, password, options);
  }

  listRepos(_options?: DXFListOptions): Promise<string[]> {
    throw notBuilt();
  }

  /** Like `listRepos`, page by page. */
  iterateRepos(_options?: DXFListOptions): AsyncIterable<string> {
    throw notBuilt();
  }

  apiVersionCheck(): Promise<readonly [text: string, response: Response]> {
    throw notBuilt();
  }
}

export function notBuilt(): RegistryError {
  return new RegistryError('invalid_request', 'not built yet');
}
