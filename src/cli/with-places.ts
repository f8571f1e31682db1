import type { Config } from '../config/config.ts';
import { type ConfigFlags, loadConfig } from '../config/load-config.ts';
import type { SettingKey } from '../config/settings.ts';
import type { Places } from '../server/open-places.ts';

/** The flags of commands that work on the data itself, whether or not a server runs on it. */
export const PLACE_SETTINGS: readonly SettingKey[] = ['data', 'database', 'storage'];

/** Opens the database and the storage of the server that these flags, the environment and the file describe; closes them after the work. */
export async function withPlaces<T>(
  flags: ConfigFlags,
  work: (places: Places, config: Config) => Promise<T>,
): Promise<T> {
  const { config } = await loadConfig({ flags });
  const { openPlaces } = await import('../server/open-places.ts');
  const places = await openPlaces(config);
  try {
    return await work(places, config);
  } finally {
    await places.close();
  }
}
