import { findForgottenRepositories, findRemovedRepositories } from '../../database/queries/maintenance-garbage.ts';
import {
  CONTENT_TABLES,
  condemnRepository,
  deleteContent,
  isForgotten,
} from '../../database/queries/maintenance-purge.ts';
import { deleteRepository } from '../../database/queries/repositories.ts';
import { formatRepositoryRef } from '../../model/repository-ref.ts';
import type { GcRun } from './gc-run.ts';

/** Rows of one repository that one transaction deletes. */
const BATCH = 500;

/** Removed repositories, in parts: one may hold more than a transaction should. */
export async function purgeRemovedRepositories(run: GcRun): Promise<void> {
  for (const { id, format, name, removed_name } of await findRemovedRepositories(run.read, run.before)) {
    run.name({ kind: 'repositories', name: formatRepositoryRef({ format, name: removed_name ?? name }) });
    if (!run.dryRun && !(await purge(run, id))) continue;
    run.note('repositories', 1);
  }
}

async function purge(run: GcRun, id: number): Promise<boolean> {
  run.check();
  if (!(await run.write((trx) => condemnRepository(trx, id)))) return false;
  for (const table of CONTENT_TABLES) {
    do run.check();
    while ((await run.write((trx) => deleteContent(trx, table, id, BATCH))) > 0);
  }
  await run.write((trx) => deleteRepository(trx, id));
  return true;
}

/** Repositories that an upload made and that have been empty for so long that nothing of them is left. */
export async function purgeForgottenRepositories(run: GcRun): Promise<void> {
  for (const row of await findForgottenRepositories(run.read, run.before)) {
    if (!run.dryRun) {
      run.check();
      const gone = await run.write(async (trx) => {
        if (!(await isForgotten(trx, row.id))) return false;
        await deleteRepository(trx, row.id);
        return true;
      });
      if (!gone) continue;
    }
    run.name({ kind: 'repositories', name: formatRepositoryRef(row) });
    run.note('repositories', 1);
  }
}
