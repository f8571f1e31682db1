import type { PackageRow } from '../database/queries/packages.ts';
import { PackyardError } from '../model/errors.ts';

/** PEP 792: archived and quarantined projects take no uploads; the same for packages of every format. @throws PackyardError `forbidden` */
export function refuseClosed(pkg: Pick<PackageRow, 'name' | 'status' | 'status_reason'>): void {
  if (pkg.status !== 'archived' && pkg.status !== 'quarantined') return;
  const reason = pkg.status_reason === '' ? '' : `: ${pkg.status_reason}`;
  throw new PackyardError('forbidden', `${pkg.name} is ${pkg.status} and takes no new files${reason}`, {
    hint: 'set its status to active first',
  });
}
