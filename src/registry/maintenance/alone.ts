import type { Database } from '../../database/database.ts';
import { PackyardError } from '../../model/errors.ts';
import { type Lease, withLease } from '../lease.ts';

/** Who has this lease removes or moves bytes and rows that nobody may take away meanwhile: gc, backup, migrate, repairs. */
export const MAINTENANCE_LEASE = 'maintenance';

export interface AloneOptions {
  /** Wait until whoever is at work has finished. */
  readonly wait?: boolean;
}

/**
 * Does maintenance that must not meet other maintenance, on whatever machine.
 * @param what as a person reads it: `gc`
 * @throws PackyardError `unavailable` when somebody else is at it and `wait` is not set
 */
export async function alone<T>(
  database: Database,
  what: string,
  work: (lease: Lease) => Promise<T>,
  options: AloneOptions = {},
): Promise<T> {
  // Work that gives nothing back must not look like work that was not done.
  const done = await withLease(database, MAINTENANCE_LEASE, async (lease) => ({ result: await work(lease) }), {
    wait: options.wait ?? false,
  });
  if (done) return done.result;
  throw new PackyardError('unavailable', `${what} cannot run now: other maintenance of this data is under way`, {
    hint: 'gc, a backup, a migration or a repair is running, perhaps on another machine; run it again later, or with --wait',
    retryAfter: 60,
  });
}
