import { listBlobUses } from '../../database/queries/transfer.ts';
import type { Queryable } from '../../database/tables.ts';

/** A blob whose bytes could not be had. */
export interface Damage {
  readonly sha256: string;
  /** Bytes that it should have. */
  readonly size: number;
  /** `lost`: there is nothing. `wrong`: there are other bytes than its digest says. */
  readonly problem: 'lost' | 'wrong';
  /** Where it is in use, as `format/repository: path`: some of the places. */
  readonly uses: readonly string[];
}

/** Blobs whose uses are looked up, and uses that are named. */
const MAX_BLOBS = 100;
const MAX_USES = 5;

/** Adds where the damaged blobs are in use, for as many as somebody may want to read of. */
export async function withUses(db: Queryable, damage: readonly Omit<Damage, 'uses'>[]): Promise<readonly Damage[]> {
  const known: Damage[] = [];
  for (const each of damage) {
    const uses = known.length < MAX_BLOBS ? await listBlobUses(db, each.sha256, MAX_USES) : [];
    known.push({ ...each, uses });
  }
  return known;
}
