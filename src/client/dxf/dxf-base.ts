import { parseChallenges } from '../oci/challenge.ts';
import type { Connection } from '../oci/connection.ts';
import { headerOf, type RegistryCredentials, secretsOf } from '../oci/credentials.ts';
import { isLoopback } from '../oci/names.ts';
import { names } from '../oci/pages.ts';
import { RegistryError } from '../oci/registry-error.ts';
import { parseScopes } from '../oci/scopes.ts';
import { requestToken } from '../oci/token-request.ts';
import { DXFAuthInsecureError, DXFUnexpectedStatusCodeError } from './dxf-errors.ts';
import type { DXFAuth, DXFAuthenticateOptions, DXFListOptions, DXFOptions } from './dxf-options.ts';
import { asDxfError, connect, Login } from './dxf-session.ts';

/** What the original says of itself to token servers, some of which look at it. */
const USER_AGENT = 'Docker-Client/19.03.2 (linux)';

/** A registry, for what belongs to no repository. Method names are those of the Python module `dxf`. */
export class DXFBase {
  readonly host: string;
  readonly options: DXFOptions;
  readonly auth: DXFAuth | undefined;
  protected readonly connection: Connection;
  readonly #login: Login;

  /** @param host with a port where it is not the usual one: `registry-1.docker.io`, `localhost:5000` */
  constructor(host: string, auth?: DXFAuth, options: DXFOptions = {}) {
    this.host = host;
    this.auth = auth;
    this.options = options;
    this.#login = new Login((response) => auth?.(this, response));
    this.connection = connect(host, options, this.#login);
  }

  /** The Bearer token that requests carry. */
  get token(): string | undefined {
    const [, token] = /^Bearer (.*)$/.exec(this.#login.authorization ?? '') ?? [];
    return token;
  }

  set token(token: string) {
    this.#login.authorization = `Bearer ${token}`;
  }

  /**
   * Logs in: with user name and password, with `options.authorization`, or as anonymous.
   * @returns the token, or undefined where the registry wants none or takes the user name and password themselves
   * @throws DXFAuthInsecureError, DXFUnauthorizedError, DXFUnexpectedStatusCodeError
   */
  async authenticate(
    username?: string,
    password?: string,
    options: DXFAuthenticateOptions = {},
  ): Promise<string | undefined> {
    const response = options.response ?? (await this.#askPlainly());
    if (!this.responseNeedsAuth(response)) return undefined;
    const credentials =
      username !== undefined && password !== undefined ? { username, password } : ready(options.authorization);
    this.#login.secrets = secretsOf(credentials);
    if (credentials !== undefined) this.#guard(this.connection.registry);
    const bearer = parseChallenges(response.headers.get('www-authenticate') ?? '').find(
      ({ scheme }) => scheme === 'bearer',
    );
    if (bearer === undefined) {
      this.#login.authorization = headerOf(credentials);
      return undefined;
    }
    this.token = await this.settle(this.#requestToken(bearer.parameters, credentials, options));
    return this.token;
  }

  /** The name of `authenticate` before version 2 of the original. */
  authByPassword(username: string, password: string, options?: DXFAuthenticateOptions): Promise<string | undefined> {
    return this.authenticate(username, password, options);
  }

  async listRepos(options?: DXFListOptions): Promise<string[]> {
    return collect(this.iterateRepos(options));
  }

  /** Like `listRepos`, asked for page by page. */
  iterateRepos(options: DXFListOptions = {}): AsyncIterable<string> {
    const list = { key: 'repositories', scopes: ['registry:catalog:*'], pageSize: options.batchSize };
    return this.settleAll(names(this.connection, '/v2/_catalog', list));
  }

  /** What the registry says at `/v2/`. The body of the response has been read. */
  async apiVersionCheck(): Promise<readonly [text: string, response: Response]> {
    const sent = this.connection.send({ method: 'GET', url: '/v2/', scopes: [] });
    const { response } = await this.settle(sent);
    return [await response.text(), response];
  }

  /** To be overridden for registries that let in whoever does not log in, and then refuse him. */
  protected responseNeedsAuth(response: Response): boolean {
    if (response.ok) return false;
    if (response.status !== 401) throw new DXFUnexpectedStatusCodeError(response.status, 401);
    return true;
  }

  /** The scope of a token for `actions`; undefined where the registry's own challenge has to say. */
  protected scopeFor(_actions: readonly string[]): string | undefined {
    return undefined;
  }

  /** What to ask for when neither the caller nor the registry says. */
  protected get usualScope(): string {
    return 'registry:catalog:*';
  }

  /** With the errors that `DXF` has. */
  protected async settle<T>(action: Promise<T>): Promise<T> {
    return action.catch((error: unknown) => {
      throw asDxfError(error);
    });
  }

  protected async *settleAll<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* items;
    } catch (error) {
      throw asDxfError(error);
    }
  }

  protected copyLogin(from: DXFBase): void {
    this.#login.authorization = from.#login.authorization;
    this.#login.secrets = from.#login.secrets;
  }

  async #askPlainly(): Promise<Response> {
    const { response } = await this.connection.ask({ method: 'GET', url: new URL('/v2/', this.connection.registry) });
    await response.body?.cancel();
    return response;
  }

  async #requestToken(
    challenge: ReadonlyMap<string, string>,
    credentials: RegistryCredentials | undefined,
    options: DXFAuthenticateOptions,
  ): Promise<string> {
    const realm = this.#realmOf(challenge.get('realm') ?? '');
    if (credentials !== undefined) this.#guard(realm);
    const scope =
      (options.actions?.length ? this.scopeFor(options.actions) : undefined) ??
      challenge.get('scope') ??
      this.usualScope;
    const request = { realm, service: challenge.get('service'), scopes: parseScopes(scope), credentials };
    const userAgent = options.userAgent ?? USER_AGENT;
    const ask = this.connection.ask.bind(this.connection);
    return (await requestToken({ ...request, userAgent }, ask, this.connection.redact)).token;
  }

  #realmOf(text: string): URL {
    if (!URL.canParse(text) || !/^https?:/.test(text)) {
      throw new RegistryError('unexpected_answer', 'the registry does not say where to get a token');
    }
    const realm = new URL(text);
    if (!this.options.insecure) realm.protocol = 'https:';
    if (this.options.authHost !== undefined) realm.host = this.options.authHost;
    return realm;
  }

  #guard(target: URL): void {
    if (target.protocol === 'https:' || isLoopback(target.hostname) || this.options.insecureAuth) return;
    throw new DXFAuthInsecureError();
  }
}

function ready(authorization: string | undefined): RegistryCredentials | undefined {
  return authorization === undefined ? undefined : { authorization };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
