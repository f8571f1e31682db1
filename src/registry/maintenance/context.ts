import type { Database } from '../../database/database.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

/** What maintenance works on. */
export interface MaintenanceContext {
  readonly database: Database;
  /** The store itself, with all powers of its driver. */
  readonly store: ObjectStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
