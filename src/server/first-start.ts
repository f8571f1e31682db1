import type { Database } from '../database/database.ts';
import { insertInstance, readInstance } from '../database/queries/instance.ts';
import type { Scope } from '../model/principal.ts';
import type { Access } from '../registry/access.ts';

/** Everything, everywhere. */
export const ADMIN_SCOPES: readonly Scope[] = [{ repository: '*', actions: ['admin'] }];
const MARK = 'admin-created';

/** At the very first start makes the administrator's token and returns it; later returns undefined. */
export async function ensureAdmin(database: Database, access: Access): Promise<string | undefined> {
  if ((await readInstance(database.read, MARK)) !== undefined) return undefined;
  const { secret } = await access.createToken(
    { user: 'admin', name: 'first start', scopes: ADMIN_SCOPES },
    { name: 'packyard' },
  );
  await database.write((trx) => insertInstance(trx, MARK, new Date().toISOString()));
  return secret;
}
