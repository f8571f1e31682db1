import {
  findBrokenReferences,
  findCrookedMemberships,
  findDanglingAliases,
  findWrongCounts,
  NOWHERE,
  type Places,
} from '../../database/queries/maintenance-check.ts';
import type { Queryable } from '../../database/tables.ts';
import type { FaultKind } from './fsck-report.ts';

export interface RowFault {
  readonly kind: FaultKind;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly places: Places;
  readonly remedy: string;
  /** The repository whose counts are wrong. */
  readonly recount?: number;
}

const DATABASE_DAMAGED =
  'the database was damaged or changed by another tool: bring it back from a backup; nothing here can guess what it was';

/** What the rows say about each other, as it was at one moment. */
export async function checkRows(db: Queryable): Promise<readonly RowFault[]> {
  const faults: RowFault[] = [];
  for (const { table, column, refersTo, count, places } of await findBrokenReferences(db)) {
    faults.push({
      kind: 'reference',
      severity: 'error',
      message: `${count} rows of ${table} refer to ${refersTo} that are not there (${column})`,
      places,
      remedy: DATABASE_DAMAGED,
    });
  }
  const crooked = await findCrookedMemberships(db);
  if (crooked.count > 0) {
    faults.push({
      kind: 'reference',
      severity: 'error',
      message: `${crooked.count} memberships join what does not belong together, or have impossible revisions`,
      places: crooked,
      remedy: DATABASE_DAMAGED,
    });
  }
  for (const wrong of await findWrongCounts(db)) {
    const what = wrong.package === undefined ? wrong.repository : `${wrong.repository} ${wrong.package}`;
    faults.push({
      kind: 'count',
      severity: 'error',
      message: `${what} has ${wrong.counted} files, but its row says ${wrong.noted}`,
      places: NOWHERE,
      remedy: 'packyard fsck --repair counts again',
      recount: wrong.repositoryId,
    });
  }
  for (const { format, name, package: packageName, alias, target } of await findDanglingAliases(db)) {
    faults.push({
      kind: 'alias',
      severity: 'warning',
      message: `${format}/${name} ${packageName}: the alias ${alias} points at ${target}, which is not there`,
      places: NOWHERE,
      remedy: `packyard alias set or packyard alias delete ${format}/${name} ${packageName} ${alias}`,
    });
  }
  return faults;
}
