import { type StepObserver, UNWATCHED } from '../../model/step-observer.ts';
import { inBackup } from './backup-error.ts';
import type { BackupWriter } from './backup-writer.ts';
import { readTableFile } from './table-file.ts';

export interface PruneReport {
  readonly snapshots: readonly string[];
  /** Blobs that no snapshot needed any more, and their bytes. */
  readonly blobs: number;
  readonly bytes: number;
}

/** Removes all snapshots but the newest `keep`, and the blobs that only they had. Broken off, the next time does the rest. */
export async function pruneBackups(
  writer: BackupWriter,
  keep: number | undefined,
  observer: StepObserver = UNWATCHED,
): Promise<PruneReport> {
  if (keep === undefined) return { snapshots: [], blobs: 0, bytes: 0 };
  const { folder } = writer;
  const all = await folder.snapshots();
  const old = all.slice(0, Math.max(0, all.length - keep));
  const kept = all.slice(old.length);
  const needed = await PrefixSet.of(digests());
  async function* digests(): AsyncIterable<string> {
    for (const snapshot of kept)
      for await (const { rows } of readTableFile(folder.tablePath(snapshot, 'blobs')))
        for (const row of rows) yield String(row.sha256);
  }
  observer.begin('remove old snapshots', old.length);
  for (const snapshot of old) {
    await writer.remove(snapshot);
    observer.advance(1);
  }
  const { count, bytes } = await inBackup(folder.path, () => writer.removeBlobs((sha256) => needed.has(sha256)));
  observer.end();
  return { snapshots: old, blobs: count, bytes };
}

/** Digests by their first 64 bits, in 8 bytes each. Two that begin alike only make that a blob is kept in vain. */
class PrefixSet {
  readonly #sorted: BigUint64Array;

  private constructor(sorted: BigUint64Array) {
    this.#sorted = sorted;
  }

  static async of(digests: AsyncIterable<string>): Promise<PrefixSet> {
    let values = new BigUint64Array(1024);
    let length = 0;
    for await (const digest of digests) {
      if (length === values.length) {
        const larger = new BigUint64Array(length * 2);
        larger.set(values);
        values = larger;
      }
      values[length] = prefixOf(digest);
      length += 1;
    }
    return new PrefixSet(values.subarray(0, length).sort());
  }

  has(digest: string): boolean {
    const wanted = prefixOf(digest);
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? 0n) < wanted) low = middle + 1;
      else high = middle;
    }
    return this.#sorted[low] === wanted;
  }
}

function prefixOf(digest: string): bigint {
  return BigInt(`0x${digest.slice(0, 16)}`);
}
