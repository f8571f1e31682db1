import type { LoadedConfig } from '../../config/load-config.ts';
import { examineDataFolder } from './examine-data-folder.ts';
import { examineDatabase } from './examine-database.ts';
import { examineListen } from './examine-listen.ts';
import { examineStorage } from './examine-storage.ts';
import { type Finding, failed } from './finding.ts';

/** Tries everything that a server with the settings that `load` finds needs, one after another, and names what does not work. */
export async function* examine(load: () => Promise<LoadedConfig>): AsyncIterable<Finding> {
  let loaded: LoadedConfig;
  try {
    loaded = await load();
  } catch (error) {
    yield failed('configuration', error);
    return;
  }
  const { config, origins } = loaded;
  const chosen = Object.values(origins).filter((origin) => origin !== 'default').length;
  yield { status: 'ok', what: 'configuration', detail: `valid; ${chosen} settings are not at their default` };
  const local = /^(127\.|::1$|localhost$)/.test(config.listen.host);
  if (!local && config.anonymous === 'write') {
    const detail = `anonymous is "write" and ${config.listen.host} can be reached from other machines`;
    yield { status: 'warn', what: 'anonymous', detail, hint: 'anybody can publish; set anonymous to read or none' };
  }
  yield* await examineDataFolder(config.data);
  yield* await examineDatabase(config);
  yield* await examineStorage(config);
  yield await examineListen(config.listen);
}
