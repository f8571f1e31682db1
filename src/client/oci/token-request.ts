import type { Ask } from './authorizer.ts';
import { headerOf, type RegistryCredentials } from './credentials.ts';
import type { Outgoing } from './exchange.ts';
import { field } from './field.ts';
import { readBytes } from './read-bytes.ts';
import { type Redact, refusal } from './refusal.ts';
import { RegistryError } from './registry-error.ts';
import { formatScopes, type Scopes } from './scopes.ts';

export interface TokenRequest {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: Scopes;
  readonly credentials: RegistryCredentials | undefined;
  readonly userAgent?: string;
}

export interface Token {
  readonly token: string;
  /** Seconds that it is good for. */
  readonly lifetime: number;
}

const CLIENT_ID = 'packyard';
/** All clients take a shorter life, or none said, for this one. */
const SHORTEST_LIFE = 60;
const ANSWER_LIMIT = 1024 * 1024;

/** Gets a token from a token server, as the registry's challenge tells (the "distribution" token protocol, GET and POST). */
export async function requestToken(request: TokenRequest, ask: Ask, redact: Redact): Promise<Token> {
  const { credentials } = request;
  const byForm = credentials !== undefined && 'identityToken' in credentials;
  let outgoing = byForm ? tokenForm(request) : tokenQuery(request);
  let answer = await ask(outgoing);
  if (
    [404, 405].includes(answer.response.status) &&
    !byForm &&
    credentials !== undefined &&
    'password' in credentials
  ) {
    await answer.response.body?.cancel();
    outgoing = tokenForm(request);
    answer = await ask(outgoing);
  }
  const { response, url } = answer;
  if (!response.ok) throw await refusal(response, outgoing.method, url, redact);
  return readToken(response, request.realm);
}

async function readToken(response: Response, realm: URL): Promise<Token> {
  const body: unknown = await readBytes(response, { limit: ANSWER_LIMIT })
    .then((bytes) => JSON.parse(new TextDecoder().decode(bytes)))
    .catch(() => undefined);
  const token = field(body, 'access_token') || field(body, 'token');
  const lifetime = field(body, 'expires_in');
  if (typeof token !== 'string' || token === '') {
    throw new RegistryError('unexpected_answer', `the token server ${realm.host} gave no token`);
  }
  return { token, lifetime: Math.max(typeof lifetime === 'number' ? lifetime : 0, SHORTEST_LIFE) };
}

function tokenQuery({ realm, service, scopes, credentials, userAgent }: TokenRequest): Outgoing {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.append('service', service);
  for (const scope of formatScopes(scopes)) url.searchParams.append('scope', scope);
  url.searchParams.append('client_id', CLIENT_ID);
  const authorization = headerOf(credentials);
  if (credentials !== undefined && 'username' in credentials) url.searchParams.append('account', credentials.username);
  return {
    method: 'GET',
    url,
    headers: { ...(authorization && { authorization }), ...(userAgent && { 'user-agent': userAgent }) },
  };
}

function tokenForm({ realm, service, scopes, credentials, userAgent }: TokenRequest): Outgoing {
  const form = new URLSearchParams({ client_id: CLIENT_ID, access_type: 'online' });
  if (service !== undefined) form.append('service', service);
  form.append('scope', formatScopes(scopes).join(' '));
  if (credentials !== undefined && 'identityToken' in credentials) {
    form.append('grant_type', 'refresh_token');
    form.append('refresh_token', credentials.identityToken);
  } else if (credentials !== undefined && 'password' in credentials) {
    form.append('grant_type', 'password');
    form.append('username', credentials.username);
    form.append('password', credentials.password);
  }
  return {
    method: 'POST',
    url: realm,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...(userAgent && { 'user-agent': userAgent }) },
    body: new TextEncoder().encode(form.toString()),
  };
}
