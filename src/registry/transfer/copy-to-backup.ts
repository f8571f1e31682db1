import type { Database } from '../../database/database.ts';
import type { BlobRow } from '../../database/queries/transfer-blobs.ts';
import type { StepObserver } from '../../model/step-observer.ts';
import { hasherFor } from '../../storage/multi-hash.ts';
import type { ByteSource, ObjectStore } from '../../storage/object-store.ts';
import { inParallel } from '../maintenance/in-parallel.ts';
import type { BackupWriter } from './backup-writer.ts';
import { type BlobSource, instanceBlobs } from './blob-source.ts';
import { DamageLog } from './damage.ts';

const PARALLEL = 8;

/** Brings the bytes of blobs into a folder of backups, as far as they are not there. */
export class CopyToBackup {
  count = 0;
  bytes = 0;
  copied = 0;
  copiedBytes = 0;
  readonly damage = new DamageLog();
  readonly #writer: BackupWriter;
  readonly #source: BlobSource;
  readonly #verify: boolean;
  readonly #observer: StepObserver;

  /** @param verify digest those that are there, and copy them again if they are damaged */
  constructor(
    writer: BackupWriter,
    instance: { readonly database: Database; readonly store: ObjectStore },
    verify: boolean,
    observer: StepObserver,
  ) {
    this.#writer = writer;
    this.#source = instanceBlobs(instance.database, instance.store);
    this.#verify = verify;
    this.#observer = observer;
  }

  async add(blobs: readonly BlobRow[]): Promise<void> {
    const absent: BlobRow[] = [];
    await inParallel(blobs, PARALLEL, async (blob) => {
      this.count += 1;
      this.bytes += blob.size;
      if (await this.#isThere(blob)) this.#observer.advance(1, this.#verify ? blob.size : 0);
      else absent.push(blob);
    });
    const open = await this.#source.locate(absent);
    await inParallel(absent, PARALLEL, async (blob) => {
      await this.#copy(blob, await open(blob));
      this.#observer.advance(1, blob.size);
    });
  }

  async #copy(blob: BlobRow, bytes: ByteSource | undefined): Promise<void> {
    if (bytes && (await this.#writer.addBlob(blob, bytes))) {
      this.copied += 1;
      this.copiedBytes += blob.size;
    } else {
      this.damage.add(blob, bytes ? 'wrong' : 'lost');
    }
  }

  async #isThere({ sha256, size }: BlobRow): Promise<boolean> {
    const { folder } = this.#writer;
    if ((await folder.blobSize(sha256)) !== size) return false;
    if (!this.#verify) return true;
    const hasher = hasherFor('sha256');
    for await (const chunk of Bun.file(folder.blobPath(sha256)).stream()) hasher.update(chunk);
    return hasher.digest().hex === sha256;
  }
}
