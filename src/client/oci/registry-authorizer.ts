import type { Ask, Authorizer, SentHeader } from './authorizer.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { type CredentialSource, headerOf, type RegistryCredentials, secretsOf } from './credentials.ts';
import { isLoopback } from './names.ts';
import { RegistryError } from './registry-error.ts';
import { covers, formatScopes, joinScopes, parseScopes, type Scopes } from './scopes.ts';
import { requestToken } from './token-request.ts';

export interface RegistryAuthorizerOptions {
  readonly registry: URL;
  readonly credentials: RegistryCredentials | CredentialSource | undefined;
  /** Send credentials over plain HTTP to other machines too. */
  readonly allowInsecureLogin: boolean;
}

interface Grant {
  readonly scopes: Scopes;
  readonly header: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

interface TokenServer {
  readonly realm: URL;
  readonly service: string | undefined;
}

/** Seconds before its end from which on a token is not used for a new request. */
const MARGIN = 5;

/** Logs in as the registry's challenges ask, and keeps the tokens, each for what it is good for. */
export class RegistryAuthorizer implements Authorizer {
  readonly #options: RegistryAuthorizerOptions;
  readonly #waiting = new Map<string, Promise<Grant>>();
  #credentials: Promise<RegistryCredentials | undefined> | undefined;
  #secrets: readonly string[] = [];
  #grants: readonly Grant[] = [];
  #tokenServer: TokenServer | undefined;
  #usesBasic = false;
  #greeting: Promise<void> | undefined;

  constructor(options: RegistryAuthorizerOptions) {
    this.#options = options;
  }

  readonly redact = (text: string): string =>
    [...this.#secrets, ...this.#grants.map((grant) => grant.header.slice('Bearer '.length))].reduce(
      (shown, secret) => shown.replaceAll(secret, '***'),
      text,
    );

  async header(scopes: Scopes, ask: Ask): Promise<string | undefined> {
    const credentials = await this.#known();
    const own = headerOf(credentials);
    if (credentials !== undefined && !(own !== undefined && isBearer(own))) await this.#greeted(ask);
    if (own !== undefined && (this.#usesBasic || isBearer(own))) {
      this.#guard(this.#options.registry);
      return own;
    }
    if (this.#tokenServer === undefined) return undefined;
    return (this.#granted(scopes) ?? (await this.#obtain(this.#tokenServer, scopes, ask))).header;
  }

  async refused(response: Response, scopes: Scopes, sent: SentHeader, ask: Ask): Promise<boolean> {
    const own = headerOf(await this.#known());
    // Credentials that were refused as they are have no other form.
    if (own !== undefined && sent.authorization === own) return false;
    const bearer = this.#learn(response);
    return bearer === undefined ? own !== undefined : this.#exchange(bearer, scopes, sent, ask);
  }

  #greeted(ask: Ask): Promise<void> {
    this.#greeting ??= this.#greet(ask).catch((error) => {
      // The next request tries again.
      this.#greeting = undefined;
      throw error;
    });
    return this.#greeting;
  }

  /**
   * Asks how to log in, once. A registry with public parts would else answer the first request as an anonymous one, and leave out
   * of a list what only this caller may see.
   */
  async #greet(ask: Ask): Promise<void> {
    const { registry } = this.#options;
    const { response, url } = await ask({ method: 'GET', url: new URL('/v2/', registry) });
    await response.body?.cancel();
    if (response.status === 401 && url.origin === registry.origin) this.#learn(response);
  }

  /** @returns the token server, where the registry wants tokens */
  #learn(response: Response): Challenge | undefined {
    const challenges = parseChallenges(response.headers.get('www-authenticate') ?? '');
    const bearer = challenges.find((challenge) => challenge.scheme === 'bearer');
    if (bearer === undefined) this.#usesBasic = true;
    else this.#tokenServer = serverOf(bearer);
    return bearer;
  }

  async #exchange(bearer: Challenge, scopes: Scopes, sent: SentHeader, ask: Ask): Promise<boolean> {
    const server = serverOf(bearer);
    const needed = joinScopes(scopes, parseScopes(bearer.parameters.get('scope') ?? ''));
    const refused = this.#grants.find((grant) => grant.header === sent.authorization);
    if (refused !== undefined && sent.isNew && covers(refused.scopes, needed)) return false;
    this.#grants = this.#grants.filter((grant) => grant !== refused);
    await this.#obtain(server, refused ? joinScopes(refused.scopes, needed) : needed, ask);
    return true;
  }

  #granted(scopes: Scopes): Grant | undefined {
    const now = Date.now();
    this.#grants = this.#grants.filter((grant) => grant.expiresAt > now);
    return this.#grants.find((grant) => covers(grant.scopes, scopes));
  }

  /** One request for all who wait for the same scopes. */
  #obtain(server: TokenServer, scopes: Scopes, ask: Ask): Promise<Grant> {
    const key = `${server.realm.href} ${server.service} ${formatScopes(scopes).sort().join(' ')}`;
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting;
    const promise = this.#request(server, scopes, ask).finally(() => this.#waiting.delete(key));
    this.#waiting.set(key, promise);
    return promise;
  }

  async #request(server: TokenServer, scopes: Scopes, ask: Ask): Promise<Grant> {
    const credentials = await this.#known();
    if (credentials !== undefined) {
      this.#guard(server.realm);
      // What the credentials buy is nobody else's either.
      this.#guard(this.#options.registry);
    }
    const { token, lifetime } = await requestToken({ ...server, scopes, credentials }, ask, this.redact);
    const grant = { scopes, header: `Bearer ${token}`, expiresAt: Date.now() + (lifetime - MARGIN) * 1000 };
    this.#grants = [grant, ...this.#grants];
    return grant;
  }

  /** @throws RegistryError `insecure_login` where anybody on the way could read the credentials */
  #guard(target: URL): void {
    if (target.protocol === 'https:' || isLoopback(target.hostname) || this.#options.allowInsecureLogin) return;
    throw new RegistryError('insecure_login', `credentials are not sent to ${target.host} without TLS`, {
      hint: 'use https, or allow it with allowInsecureLogin',
    });
  }

  #known(): Promise<RegistryCredentials | undefined> {
    this.#credentials ??= this.#find().catch((error) => {
      this.#credentials = undefined;
      throw error;
    });
    return this.#credentials;
  }

  async #find(): Promise<RegistryCredentials | undefined> {
    const { credentials, registry } = this.#options;
    const found = typeof credentials === 'function' ? await credentials(registry.host) : credentials;
    this.#secrets = secretsOf(found);
    return found;
  }
}

function isBearer(header: string): boolean {
  return /^bearer /i.test(header);
}

function serverOf(bearer: Challenge): TokenServer {
  const realm = bearer.parameters.get('realm') ?? '';
  if (!URL.canParse(realm) || !/^https?:/.test(realm)) {
    throw new RegistryError('unexpected_answer', 'the registry does not say where to get a token', {
      hint: 'its WWW-Authenticate header needs realm="https://…"',
    });
  }
  return { realm: new URL(realm), service: bearer.parameters.get('service') };
}
