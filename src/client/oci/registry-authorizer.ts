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

  constructor(options: RegistryAuthorizerOptions) {
    this.#options = options;
  }

  readonly redact = (text: string): string =>
    [...this.#secrets, ...this.#grants.map((grant) => grant.header.slice('Bearer '.length))].reduce(
      (shown, secret) => shown.replaceAll(secret, '***'),
      text,
    );

  async header(scopes: Scopes, ask: Ask): Promise<string | undefined> {
    const own = headerOf(await this.#known());
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
    const challenges = parseChallenges(response.headers.get('www-authenticate') ?? '');
    const bearer = challenges.find((challenge) => challenge.scheme === 'bearer');
    if (bearer !== undefined && !(own !== undefined && isBearer(own))) return this.#exchange(bearer, scopes, sent, ask);
    this.#usesBasic = own !== undefined;
    return this.#usesBasic;
  }

  async #exchange(bearer: Challenge, scopes: Scopes, sent: SentHeader, ask: Ask): Promise<boolean> {
    const server = this.#serverOf(bearer);
    const needed = joinScopes(scopes, parseScopes(bearer.parameters.get('scope') ?? ''));
    const refused = this.#grants.find((grant) => grant.header === sent.authorization);
    if (refused !== undefined && sent.isNew && covers(refused.scopes, needed)) return false;
    this.#grants = this.#grants.filter((grant) => grant !== refused);
    this.#tokenServer = server;
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

  #serverOf(bearer: Challenge): TokenServer {
    const realm = bearer.parameters.get('realm') ?? '';
    if (!URL.canParse(realm) || !/^https?:/.test(realm)) {
      throw new RegistryError('unexpected_answer', 'the registry does not say where to get a token', {
        hint: 'its WWW-Authenticate header needs realm="https://…"',
      });
    }
    return { realm: new URL(realm), service: bearer.parameters.get('service') };
  }

  /** @throws RegistryError `insecure_login` where anybody on the way could read the credentials */
  #guard(target: URL): void {
    if (target.protocol === 'https:' || isLoopback(target.hostname) || this.#options.allowInsecureLogin) return;
    throw new RegistryError('insecure_login', `credentials are not sent to ${target.host} without TLS`, {
      hint: 'use https, or allow it with allowInsecureLogin',
    });
  }

  #known(): Promise<RegistryCredentials | undefined> {
    this.#credentials ??= this.#find();
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
