import { beginRevision, lockRepository } from '../database/queries/repositories.ts';
import type { Queryable } from '../database/tables.ts';
import { type RegistryContext, recordEvent } from './context.ts';
import type { Actor, Repository } from './model.ts';
import { noRepository } from './repositories.ts';
import { toRepository } from './rows.ts';

export interface Change {
  readonly repository: Repository;
  readonly actor: Actor;
  /** For the revision's and the audit log's readers. */
  readonly reason: string;
  readonly action: string;
  readonly subject: string;
}

export interface ChangeOutcome {
  /** How many things were changed. */
  readonly count: number;
  /** The number of the new revision; 0 when nothing was changed, and so there is none. */
  readonly revision: number;
}

/**
 * Runs one change of a repository as one revision with one event.
 * @param apply says how many things it changed; 0 undoes all. Gets the repository as it is now, and nobody else changes it
 * @throws PackyardError `not_found` when the repository is gone
 */
export async function inRevision(
  context: RegistryContext,
  change: Change,
  apply: (trx: Queryable, revision: number, repository: Repository) => Promise<number>,
): Promise<ChangeOutcome> {
  const nothing = Symbol('nothing to change');
  return context.database
    .write(async (trx) => {
      const { repository, actor, reason, action, subject } = change;
      const row = await lockRepository(trx, repository.ref);
      if (row?.id !== repository.id) throw noRepository(repository.ref);
      const at = context.now();
      const revision = await beginRevision(trx, row, { actor: actor.name, reason, at });
      const count = await apply(trx, revision, toRepository(row));
      if (count === 0) throw nothing;
      await recordEvent(trx, {
        action,
        actor,
        at,
        repository: repository.ref,
        subject,
        detail: { reason, count, revision },
      });
      return { count, revision };
    })
    .catch((error: unknown) => {
      if (error === nothing) return { count: 0, revision: 0 };
      throw error;
    });
}
