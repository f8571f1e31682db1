import { createRoute } from '@hono/zod-openapi';
import { invalid, PackyardError } from '../../model/errors.ts';
import type { Principal, Scope } from '../../model/principal.ts';
import type { Api, ApiContext } from './context.ts';
import { actorOf } from './open.ts';
import { presentToken } from './present.ts';
import { credentialsRequired, json, refusals } from './responses.ts';
import { CreatedToken, NewToken, Token, TokenList, TokenParams } from './schemas.ts';
import { scopesCover } from './scopes-cover.ts';

const tags = ['access'];
const security = credentialsRequired;

const create = createRoute({
  method: 'post',
  path: '/tokens',
  operationId: 'createToken',
  summary: 'Create a token; its secret is in this answer and never again',
  tags,
  security,
  request: { body: { ...json(NewToken, 'What it is for and what it may do.'), required: true } },
  responses: { 201: json(CreatedToken, 'The token with its secret.'), ...refusals(400, 401, 403, 413) },
});

const list = createRoute({
  method: 'get',
  path: '/tokens',
  operationId: 'listTokens',
  summary: 'All tokens, without their secrets',
  tags,
  security,
  responses: { 200: json(TokenList, 'Tokens.'), ...refusals(401, 403) },
});

const revoke = createRoute({
  method: 'delete',
  path: '/tokens/{id}',
  operationId: 'revokeToken',
  summary: 'Revoke a token at once. A token may always revoke itself',
  tags,
  security,
  request: { params: TokenParams },
  responses: { 200: json(Token, 'The revoked token.'), ...refusals(400, 401, 403, 404) },
});

export function tokenRoutes(api: Api, context: ApiContext): void {
  const { access, permissions } = context;

  api.openapi(create, async (c) => {
    const { principal } = c.var;
    permissions.requireServerAdmin(principal);
    const { name, user = principal.name, scopes, expiresAt } = c.req.valid('json');
    const distinct = scopes.map((scope) => ({ ...scope, actions: [...new Set(scope.actions)] }));
    requireCovered(principal, distinct);
    const request = { name, user, scopes: distinct, expiresAt: parseExpiry(expiresAt) };
    const { record, secret } = await access.createToken(request, actorOf(c));
    return c.json({ ...presentToken(record), token: secret }, 201);
  });

  api.openapi(list, async (c) => {
    permissions.requireServerAdmin(c.var.principal);
    const records = await access.tokens();
    return c.json({ items: records.map(presentToken) }, 200);
  });

  api.openapi(revoke, async (c) => {
    const { id } = c.req.valid('param');
    if (c.var.principal.tokenId !== id) permissions.requireServerAdmin(c.var.principal);
    return c.json(presentToken(await access.revokeToken(id, actorOf(c))), 200);
  });
}

function requireCovered(principal: Principal, scopes: readonly Scope[]): void {
  const excess = scopes.find((scope) => !scopesCover(principal.scopes, scope));
  if (!excess) return;
  throw new PackyardError('forbidden', 'a token cannot be given more rights than its maker has', {
    details: { repository: excess.repository, actions: excess.actions.join(',') },
  });
}

function parseExpiry(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalid('body field expiresAt: not a date and time');
  if (time <= Date.now()) throw invalid('body field expiresAt: lies in the past');
  return time;
}
