import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Digest, DigestAlgorithm } from '../model/digest.ts';
import { PackyardError } from '../model/errors.ts';
import { syncFolder } from './durable-write.ts';
import { MultiHash } from './multi-hash.ts';
import type { StageBatch, StagedObject } from './object-store.ts';
import { StagedFile } from './staged-file.ts';
import { newStorageKey } from './storage-key.ts';
import { translateFsError } from './translate-fs-error.ts';

/**
 * Many small files that go to the disk together: each is written where it will stay, and all are made durable by one call to
 * the operating system when the first is committed. What a crash leaves before that is named by no row.
 */
export class FsBatch implements StageBatch {
  readonly #digests: readonly DigestAlgorithm[];
  readonly #root: string;
  readonly #description: string;
  readonly #folders = new Set<string>();
  readonly #unsynced: string[] = [];
  #syncing: Promise<void> = Promise.resolve();

  /** @param digests to keep of each, beside sha256 */
  constructor(root: string, description: string, digests: readonly DigestAlgorithm[]) {
    this.#digests = digests;
    this.#root = root;
    this.#description = description;
  }

  async stage(bytes: Uint8Array): Promise<StagedObject> {
    const hash = new MultiHash(['sha256', ...this.#digests]);
    hash.update(bytes);
    const digests = hash.finish();
    const sha256 = digests.get('sha256') as Digest;
    const key = newStorageKey(sha256);
    const path = join(this.#root, key);
    const folder = dirname(path);
    try {
      if (!this.#folders.has(folder)) mkdirSync(folder, { recursive: true });
      this.#folders.add(folder);
      // Small, and into the page cache: a turn through the thread pool would take longer.
      writeFileSync(path, bytes, { flag: 'wx', mode: 0o640 });
    } catch (error) {
      await rm(path, { force: true }).catch(() => {});
      return translateFsError(this.#description)(error);
    }
    this.#unsynced.push(path);
    const commit = async (file: StagedFile): Promise<string> => {
      await this.#sync();
      // A collector of garbage may take what lay here for very long without a row.
      if (!existsSync(path))
        throw new PackyardError('unavailable', 'the upload took so long that its first files are gone', {
          hint: 'nothing was published; send it again',
        });
      // What has been committed lies where it was staged.
      file.noteStored();
      return key;
    };
    return new StagedFile(path, bytes.byteLength, digests, commit);
  }

  #sync(): Promise<void> {
    this.#syncing = this.#syncing.then(async () => {
      const paths = this.#unsynced.splice(0);
      if (paths.length === 0) return;
      try {
        if (!(await syncFileSystem(this.#root))) await syncOneByOne(paths, [...this.#folders, this.#root]);
      } catch (error) {
        translateFsError(this.#description)(error);
      }
    });
    return this.#syncing;
  }
}

/** syncfs(2) by way of coreutils. False where there is no such program, or it failed. */
async function syncFileSystem(folder: string): Promise<boolean> {
  if (process.platform !== 'linux' || Bun.which('sync') === null) return false;
  const sync = Bun.spawn(['sync', '-f', folder], { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' });
  return (await sync.exited) === 0;
}

async function syncOneByOne(paths: readonly string[], folders: readonly string[]): Promise<void> {
  for (const path of paths) {
    const file = await open(path, 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  for (const folder of folders) await syncFolder(folder);
}
