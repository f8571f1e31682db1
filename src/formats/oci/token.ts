import { invalid, notFound } from '../../model/errors.ts';
import type { Principal } from '../../model/principal.ts';
import type { FormatContext } from '../format.ts';
import type { Request } from './request.ts';

/** A form with a password and a list of scopes. */
const LONGEST_FORM = 64 * 1024;

export interface TokenDocument {
  readonly token: string;
  readonly access_token: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly issued_at: string;
}

/** GET: who sends credentials gets a token with their rights, and who sends none an anonymous one. Scopes are not needed. */
export function tokenByHeader(context: FormatContext, c: Request): Promise<TokenDocument> {
  return issue(context, c.var.principal);
}

/** POST: the OAuth 2 form of the same, with a password, or with a token of this server as refresh token. */
export async function tokenByForm(context: FormatContext, c: Request): Promise<TokenDocument> {
  const body = await context.receiveBytes(c.req.raw, LONGEST_FORM);
  const form = new URLSearchParams(new TextDecoder().decode(body));
  const grant = form.get('grant_type');
  if (grant !== 'password' && grant !== 'refresh_token')
    throw notFound('only the grant types password and refresh_token are known here', {
      hint: 'or ask with GET and Basic authentication',
    });
  const secret = grant === 'password' ? form.get('password') || form.get('username') : form.get('refresh_token');
  if (!secret) throw invalid(`the form has no ${grant === 'password' ? 'password' : 'refresh_token'}`);
  return issue(context, await context.bearerTokens.identify(secret, c.var.address));
}

async function issue(context: FormatContext, principal: Principal): Promise<TokenDocument> {
  const { token, expiresInSeconds, issuedAt } = await context.bearerTokens.issue(principal);
  return {
    token,
    access_token: token,
    expires_in: expiresInSeconds,
    issued_at: new Date(issuedAt).toISOString(),
  };
}

/** What a request needs, as clients ask for it: `repository:team/app:pull,push`. */
export function scopeOf(name: string, method: string): string {
  const actions = method === 'GET' ? 'pull' : method === 'DELETE' ? 'delete' : 'pull,push';
  return `repository:${name}:${actions}`;
}

/** RFC 6750 as Docker's clients read it: every value in quotes. */
export function challengeOf(parts: {
  readonly realm: string;
  readonly service: string;
  readonly scopes: readonly string[];
  readonly error?: string;
}): string {
  const { realm, service, scopes, error } = parts;
  const fields = [
    ['realm', realm],
    ['service', service],
    ...(scopes.length > 0 ? [['scope', scopes.join(' ')]] : []),
    ...(error === undefined ? [] : [['error', error]]),
  ];
  return `Bearer ${fields.map(([name, value]) => `${name}="${value}"`).join(',')}`;
}
