import { randomInt, randomUUID } from 'node:crypto';
import { listEvents } from '../database/queries/events.ts';
import { insertInstance, readInstance } from '../database/queries/instance.ts';
import {
  findTokenById,
  findTokenBySecret,
  insertToken,
  listTokens,
  noteTokenUse,
  revokeToken,
  type TokenRow,
} from '../database/queries/tokens.ts';
import type { Queryable } from '../database/tables.ts';
import { notFound, PackyardError } from '../model/errors.ts';
import type { Principal, Scope } from '../model/principal.ts';
import { type RegistryContext, recordEvent } from './context.ts';
import type { Actor, JsonObject } from './model.ts';

const PREFIX = 'pky_';
/** 43 characters of 62 carry 256 bits. */
const SECRET_LENGTH = 43;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const SECRET = new RegExp(`^${PREFIX}[A-Za-z0-9]{${SECRET_LENGTH}}$`);

export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly user: string;
  readonly scopes: readonly Scope[];
  /** The secret's first characters, to tell tokens apart. */
  readonly hint: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  readonly lastUsedAt?: number;
}

export interface TokenRequest {
  readonly user: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Milliseconds since 1970; undefined: never. */
  readonly expiresAt?: number;
}

export interface CreatedToken {
  readonly record: TokenRecord;
  /** Known now and never again. */
  readonly secret: string;
}

export interface AuditEvent {
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly repository?: string;
  readonly subject?: string;
  readonly detail: JsonObject;
  readonly requestId?: string;
  readonly address?: string;
}

/** Users' tokens and the audit log. */
export class Access {
  readonly #context: RegistryContext;
  readonly #uses = new Map<string, number>();

  constructor(context: RegistryContext) {
    this.#context = context;
  }

  /**
   * Finds who a secret belongs to. It is looked up by its digest, so the time taken tells nothing about other secrets.
   * @throws PackyardError `unauthenticated` when it is unknown, expired or revoked
   */
  async authenticate(secret: string): Promise<Principal> {
    return this.#admit(SECRET.test(secret) ? await this.#findBySecret(secret) : undefined);
  }

  #admit(row: TokenRow | undefined): Principal {
    if (!row) throw rejected('the token is not known here');
    const now = this.#context.now();
    if (row.revoked_at !== null) throw rejected('the token has been revoked');
    if (row.expires_at !== null && row.expires_at <= now) throw rejected('the token has expired');
    this.#uses.set(row.id, now);
    return { kind: 'user', name: row.user, scopes: parseScopes(row), tokenId: row.id };
  }

  /**
   * Who a token belongs to, by its number: for what was derived from it.
   * @throws PackyardError `unauthenticated` when it is unknown, expired or revoked
   */
  async principalOf(tokenId: string): Promise<Principal> {
    const find = () => findTokenById(this.#context.database.read, tokenId);
    return this.#admit(await this.#context.cache.get(`token-id:${tokenId}`, find));
  }

  /** Makes a token. The secret is in the answer and nowhere else. */
  async createToken(request: TokenRequest, actor: Actor): Promise<CreatedToken> {
    const token = this.#newToken(request, actor);
    await this.#context.database.write((trx) => this.#storeToken(trx, token, actor));
    return token;
  }

  /**
   * Makes a token that an installation gets once, in one transaction with the mark that says so: however many servers start
   * together, one of them gets it. Undefined where the mark is there already.
   */
  async createTokenOnce(mark: string, request: TokenRequest, actor: Actor): Promise<CreatedToken | undefined> {
    if ((await readInstance(this.#context.database.read, mark)) !== undefined) return undefined;
    const token = this.#newToken(request, actor);
    const made = await this.#context.database.write(
      async (trx) => {
        const at = new Date(token.record.createdAt).toISOString();
        // Marked already: by somebody else, or by this very work before the connection broke.
        if (!(await insertInstance(trx, mark, at))) return (await findTokenById(trx, token.record.id)) !== undefined;
        await this.#storeToken(trx, token, actor);
        return true;
      },
      { repeatable: true },
    );
    return made ? token : undefined;
  }

  /** All of them, revoked and expired ones too, the newest first. */
  async tokens(): Promise<readonly TokenRecord[]> {
    await this.flush();
    return (await listTokens(this.#context.database.read)).map(toRecord);
  }

  /** Ends a token at once. One that has ended already stays as it is. @throws PackyardError `not_found` */
  async revokeToken(id: string, actor: Actor): Promise<TokenRecord> {
    return this.#context.database.write(async (trx) => {
      const known = await findTokenById(trx, id);
      if (!known) throw notFound(`there is no token ${id}`, { hint: 'packyard token list shows them' });
      const at = this.#context.now();
      await revokeToken(trx, id, at);
      await recordEvent(trx, { action: 'token.revoke', actor, at, subject: id, detail: { user: known.user } });
      return toRecord((await findTokenById(trx, id)) ?? known);
    });
  }

  /** The audit log, the newest first. */
  async events(page: { readonly before?: number; readonly limit: number }): Promise<readonly AuditEvent[]> {
    const rows = await listEvents(this.#context.database.read, page);
    return rows.map((row) => ({
      id: row.id,
      at: row.at,
      actor: row.actor,
      action: row.action,
      repository: row.repository ?? undefined,
      subject: row.subject ?? undefined,
      detail: JSON.parse(row.detail_json) as JsonObject,
      requestId: row.request_id ?? undefined,
      address: row.address ?? undefined,
    }));
  }

  /** Writes down when tokens were used last. Called now and then, so that reading does not become writing. */
  async flush(): Promise<void> {
    if (this.#uses.size === 0) return;
    const uses = new Map(this.#uses);
    this.#uses.clear();
    await this.#context.database.write((trx) => noteTokenUse(trx, uses));
  }

  #newToken(request: TokenRequest, actor: Actor): CreatedToken {
    const secret = PREFIX + Array.from({ length: SECRET_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    const record: TokenRecord = {
      id: randomUUID().replaceAll('-', '').slice(0, 12),
      name: request.name,
      user: request.user,
      scopes: request.scopes,
      hint: secret.slice(0, 8),
      createdAt: this.#context.now(),
      createdBy: actor.name,
      expiresAt: request.expiresAt,
    };
    return { record, secret };
  }

  async #storeToken(trx: Queryable, { record, secret }: CreatedToken, actor: Actor): Promise<void> {
    await insertToken(trx, record.user, {
      id: record.id,
      name: record.name,
      secret_sha256: sha256(secret),
      hint: record.hint,
      scopes_json: JSON.stringify(record.scopes),
      created_at: record.createdAt,
      created_by: record.createdBy,
      expires_at: record.expiresAt ?? null,
      revoked_at: null,
      last_used_at: null,
    });
    const detail = {
      user: record.user,
      scopes: record.scopes.map((scope) => `${scope.repository}:${scope.actions}`),
    };
    await recordEvent(trx, { action: 'token.create', actor, at: record.createdAt, subject: record.id, detail });
  }

  #findBySecret(secret: string): Promise<TokenRow | undefined> {
    const digest = sha256(secret);
    return this.#context.cache.get(`token:${digest}`, () => findTokenBySecret(this.#context.database.read, digest));
  }
}

function sha256(text: string): string {
  return new Bun.CryptoHasher('sha256').update(text).digest('hex');
}

function parseScopes(row: TokenRow): readonly Scope[] {
  return JSON.parse(row.scopes_json) as Scope[];
}

function toRecord(row: TokenRow): TokenRecord {
  return {
    id: row.id,
    name: row.name,
    user: row.user,
    scopes: parseScopes(row),
    hint: row.hint,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
  };
}

function rejected(message: string): PackyardError {
  return new PackyardError('unauthenticated', message, {
    hint: 'ask an administrator for a new one: packyard token create',
  });
}
