import type { Config } from '../config/config.ts';
import { ADMIN_SCOPES } from './first-start.ts';
import { openAccess } from './open-access.ts';

/** Makes a new administrator's token straight in the database, for whoever has lost the last one. Also while the server runs. */
export async function recoverAdminToken(config: Config): Promise<string> {
  const { access, close } = await openAccess(config);
  try {
    const request = { user: 'admin', name: 'recovered', scopes: ADMIN_SCOPES };
    return (await access.createToken(request, { name: 'packyard token recover' })).secret;
  } finally {
    await close();
  }
}
