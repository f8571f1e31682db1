import type { MiddlewareHandler } from 'hono';
import type { HttpEnv } from '../../formats/format.ts';
import { PackyardError } from '../../model/errors.ts';
import { ANONYMOUS, type Principal } from '../../model/principal.ts';
import { isExpired } from '../bearer-tokens.ts';
import type { ServerContext } from '../context.ts';
import { readSecret } from '../credentials.ts';

type Needed = Pick<ServerContext, 'access' | 'bearerTokens' | 'loginLimiter'>;

/** Finds out who asks. Runs inside each format's router, so that a refusal comes in that protocol's own form. */
export function authenticate(context: Needed): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    c.set('requestId', c.env.requestId);
    c.set('address', c.env.address);
    const header = c.req.header('authorization');
    c.set(
      'principal',
      header === undefined ? ANONYMOUS : await identify(context, () => readSecret(header), c.env.address),
    );
    await next();
  };
}

/** @throws PackyardError `unauthenticated`; `too_many_requests` for an address that has failed too often */
export async function identify(
  context: Needed,
  readSecret: () => string | undefined,
  address: string,
): Promise<Principal> {
  try {
    const secret = readSecret();
    if (secret === undefined) return ANONYMOUS;
    const { access, bearerTokens } = context;
    return await (bearerTokens.isOne(secret) ? bearerTokens.identify(secret) : access.authenticate(secret));
  } catch (error) {
    // Only who fails is made to wait: a stranger behind the same address must not lock out a good token. Bearer tokens end
    // every few minutes, and their clients find that out by being refused.
    if (error instanceof PackyardError && error.code === 'unauthenticated' && !isExpired(error)) {
      context.loginLimiter.check(address);
      context.loginLimiter.failed(address);
    }
    throw error;
  }
}
