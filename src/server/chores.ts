import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { Registry } from '../registry/registry.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Logger } from '../telemetry/logger.ts';

export interface ChoreContext {
  readonly config: Config;
  readonly database: Database;
  readonly store: ObjectStore;
  readonly registry: Registry;
  readonly logger: Logger;
}

/** Something that one server does for all, now and then. */
export interface Chore {
  readonly name: string;
  /**
   * @param check called often: what it throws ends the work there
   * @returns what was done, for the log
   */
  run(context: ChoreContext, check: () => void): Promise<Readonly<Record<string, number>>>;
}

/** What rules take away is collected like all else that was deleted, after the grace period. */
const retention: Chore = {
  name: 'retention',
  run: async ({ registry }, check) => {
    const runs = await registry.applyRetentionEverywhere({ name: 'packyard retention' }, check);
    return {
      repositories: runs.length,
      versions: runs.reduce((sum, { versions }) => sum + versions, 0),
      files: runs.reduce((sum, { files }) => sum + files, 0),
    };
  },
};

const gc: Chore = {
  name: 'gc',
  run: async ({ config, database, store, logger }, check) => {
    const { collectGarbage } = await import('../registry/maintenance/gc.ts');
    const context = { database, store, now: Date.now };
    const { garbage, freedBytes, foreign } = await collectGarbage(context, { grace: config.gc.grace, check });
    if (foreign.count > 0) {
      const message =
        'objects that no row names look like another instance’s: do database and storage belong together?';
      logger.warn({ objects: foreign.count, bytes: foreign.bytes }, message);
    }
    const counts = Object.entries(garbage).flatMap(([kind, { count }]) => (count > 0 ? [[kind, count] as const] : []));
    return { ...Object.fromEntries(counts), freedBytes };
  },
};

export const CHORES: readonly Chore[] = [retention, gc];
