import type { Place } from '../../database/queries/maintenance-check.ts';

export const FAULT_KINDS = ['missing', 'damaged', 'unreadable', 'reference', 'count', 'document', 'alias'] as const;

/** What can be wrong: bytes that are not there, not right or not readable; rows; derived documents; pointers. */
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** A `warning` is odd, and harms nobody. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Some of the files that suffer. */
  readonly affected: readonly Place[];
  readonly affectedCount: number;
  /** What to do about it. */
  readonly remedy: string;
  /** It has been set right just now. */
  readonly repaired: boolean;
}

export interface FsckReport {
  /** Blobs and bytes that were looked at; without `quick`, the bytes were read. */
  readonly blobs: number;
  readonly bytes: number;
  readonly documents: number;
  readonly faults: readonly Fault[];
  /** Faults beyond those that are listed. */
  readonly unlisted: number;
  /** Objects that no row names: under way, or garbage. */
  readonly orphans: { readonly count: number; readonly bytes: number };
  /** No error is left; warnings may be. */
  readonly clean: boolean;
}

/** Faults that are listed at the most: where there are more, the storage is another one or gone, and each says the same. */
const MOST = 5_000;

export class FaultList {
  readonly #faults: Fault[] = [];
  #unlisted = 0;
  #errors = 0;

  add(fault: Fault): void {
    if (fault.severity === 'error' && !fault.repaired) this.#errors += 1;
    if (this.full) this.#unlisted += 1;
    else this.#faults.push(fault);
  }

  /** Whether one more would only be counted. */
  get full(): boolean {
    return this.#faults.length >= MOST;
  }

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  get unlisted(): number {
    return this.#unlisted;
  }

  get clean(): boolean {
    return this.#errors === 0;
  }
}
