import type { Scope } from '../model/principal.ts';
import type { Access } from '../registry/access.ts';

/** Everything, everywhere. */
export const ADMIN_SCOPES: readonly Scope[] = [{ repository: '*', actions: ['admin'] }];
const MARK = 'admin-created';

/** At the very first start makes the administrator's token and returns it; later returns undefined. */
export async function ensureAdmin(access: Access): Promise<string | undefined> {
  const request = { user: 'admin', name: 'first start', scopes: ADMIN_SCOPES };
  return (await access.createTokenOnce(MARK, request, { name: 'packyard' }))?.secret;
}
