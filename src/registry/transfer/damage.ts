import { listBlobUses } from '../../database/queries/transfer.ts';
import type { BlobRow } from '../../database/queries/transfer-blobs.ts';
import type { Queryable } from '../../database/tables.ts';

/** `lost`: nothing is there. `wrong`: there are other bytes than the digest says. */
export type Problem = 'lost' | 'wrong';

/** A blob whose bytes could not be had. */
export interface DamagedBlob {
  readonly sha256: string;
  /** Bytes that it should have. */
  readonly size: number;
  readonly problem: Problem;
  /** Where it is in use, as `format/repository: path`: some of the places. */
  readonly uses: readonly string[];
}

export interface Damage {
  readonly count: number;
  readonly bytes: number;
  /** The first of them. */
  readonly blobs: readonly DamagedBlob[];
}

/** Blobs that are named, and uses that are named of each. */
const MAX_BLOBS = 100;
const MAX_USES = 5;

/** Collects what is damaged; however much that is, only so much is kept as somebody may want to read. */
export class DamageLog {
  count = 0;
  #bytes = 0;
  readonly #blobs: Omit<DamagedBlob, 'uses'>[] = [];

  add({ sha256, size }: BlobRow, problem: Problem): void {
    this.count += 1;
    this.#bytes += size;
    if (this.#blobs.length < MAX_BLOBS) this.#blobs.push({ sha256, size, problem });
  }

  /** Looks up where the damaged blobs are in use. */
  async report(db: Queryable): Promise<Damage> {
    const blobs: DamagedBlob[] = [];
    for (const blob of this.#blobs) blobs.push({ ...blob, uses: await listBlobUses(db, blob.sha256, MAX_USES) });
    return { count: this.count, bytes: this.#bytes, blobs };
  }
}
