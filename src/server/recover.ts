import type { Config } from '../config/config.ts';
import { openDatabase } from '../database/database.ts';
import { createRegistry } from '../registry/create-registry.ts';
import { MemoryObjectStore } from '../storage/memory.ts';
import { ADMIN_SCOPES } from './first-start.ts';
import { databaseUrl } from './start.ts';

/** Makes a new administrator's token straight in the database, for whoever has lost the last one. Also while the server runs. */
export async function recoverAdminToken(config: Config): Promise<string> {
  const database = await openDatabase(databaseUrl(config.database));
  try {
    const { access } = createRegistry({ database, store: new MemoryObjectStore() });
    const request = { user: 'admin', name: 'recovered', scopes: ADMIN_SCOPES };
    return (await access.createToken(request, { name: 'packyard token recover' })).secret;
  } finally {
    await database.close();
  }
}
