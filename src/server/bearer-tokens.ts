import type { BearerToken } from '../formats/format.ts';
import { PackyardError } from '../model/errors.ts';
import { ANONYMOUS, type Principal } from '../model/principal.ts';
import type { Access } from '../registry/access.ts';
import type { SecretBox } from '../registry/signing/secret-box.ts';

const PREFIX = 'pkb_';
const PURPOSE = 'bearer token';
/** Seconds. Clients take less than 60 for 60. */
const LIFE = 300;

interface Claims {
  /** The token that it stands for; null: nobody's. */
  readonly token: string | null;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/**
 * Tokens that stand for another one for a few minutes, so that clients need not send that with every request. They are sealed
 * with the server's secret and kept nowhere; their rights are looked up when they are used.
 */
export class BearerTokenIssuer {
  readonly #secretBox: () => Promise<SecretBox>;
  readonly #access: Access;
  readonly #now: () => number;

  constructor(secretBox: () => Promise<SecretBox>, access: Access, now: () => number = Date.now) {
    this.#secretBox = secretBox;
    this.#access = access;
    this.#now = now;
  }

  async issue(principal: Principal): Promise<BearerToken> {
    const issuedAt = this.#now();
    const claims: Claims = { token: principal.tokenId ?? null, until: issuedAt + LIFE * 1000 };
    const sealed = (await this.#secretBox()).seal(JSON.stringify(claims), PURPOSE);
    return { token: PREFIX + Buffer.from(sealed).toString('base64url'), expiresInSeconds: LIFE, issuedAt };
  }

  /** Whether a secret is one of these, good or not. */
  isOne(secret: string): boolean {
    return secret.startsWith(PREFIX);
  }

  /** @throws PackyardError `unauthenticated` when it was made elsewhere, has expired, or what it stands for has ended */
  async identify(secret: string): Promise<Principal> {
    const { token, until } = await this.#open(secret);
    if (until <= this.#now()) throw expired();
    return token === null ? ANONYMOUS : this.#access.principalOf(token);
  }

  async #open(secret: string): Promise<Claims> {
    const sealed = Buffer.from(secret.slice(PREFIX.length), 'base64url').toString();
    try {
      return JSON.parse((await this.#secretBox()).open(sealed, PURPOSE)) as Claims;
    } catch (cause) {
      throw rejected('the bearer token is not one of this server', cause);
    }
  }
}

/** It was good: who sends it has not guessed. */
export function isExpired(error: PackyardError): boolean {
  return error.details?.expired === true;
}

function expired(): PackyardError {
  return new PackyardError('unauthenticated', 'the bearer token has expired', {
    hint: 'ask for a new one where this one came from',
    details: { expired: true },
  });
}

function rejected(message: string, cause?: unknown): PackyardError {
  return new PackyardError('unauthenticated', message, {
    hint: 'log in again; servers that share an address must have the same signing.secret',
    cause,
  });
}
