import type { MiddlewareHandler } from 'hono';
import type { HttpEnv } from '../../formats/format.ts';
import { PackyardError } from '../../model/errors.ts';
import type { Principal } from '../../model/principal.ts';
import type { ServerContext } from '../context.ts';
import { readSecret } from '../credentials.ts';

const ANONYMOUS: Principal = { kind: 'anonymous', name: 'anonymous', scopes: [] };

/** Finds out who asks. Runs inside each format's router, so that a refusal comes in that protocol's own form. */
export function authenticate(context: ServerContext): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    c.set('requestId', c.env.requestId);
    c.set('address', c.env.address);
    const header = c.req.header('authorization');
    c.set('principal', header === undefined ? ANONYMOUS : await identify(context, header, c.env.address));
    await next();
  };
}

async function identify(context: ServerContext, header: string, address: string): Promise<Principal> {
  try {
    const secret = readSecret(header);
    return secret === undefined ? ANONYMOUS : await context.access.authenticate(secret);
  } catch (error) {
    // Only who fails is made to wait: a stranger behind the same address must not lock out a good token.
    if (error instanceof PackyardError && error.code === 'unauthenticated') {
      context.loginLimiter.check(address);
      context.loginLimiter.failed(address);
    }
    throw error;
  }
}
