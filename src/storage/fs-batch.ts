import { mkdirSync, writeFileSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Digest, type DigestAlgorithm } from '../model/digest.ts';
import { syncFolder } from './durable-write.ts';
import type { StageBatch, StagedObject } from './object-store.ts';
import { newStorageKey } from './storage-key.ts';
import { translateFsError } from './translate-fs-error.ts';

/**
 * Many small files that go to the disk together: each is written where it will stay, and all are made durable by one call to
 * the operating system when the first is committed. What a crash leaves before that is named by no row.
 */
export class FsBatch implements StageBatch {
  readonly #root: string;
  readonly #description: string;
  readonly #folders = new Set<string>();
  readonly #unsynced: string[] = [];
  #syncing: Promise<void> = Promise.resolve();

  constructor(root: string, description: string) {
    this.#root = root;
    this.#description = description;
  }

  async stage(bytes: Uint8Array): Promise<StagedObject> {
    const sha256 = Digest.sha256(new Bun.CryptoHasher('sha256').update(bytes).digest('hex'));
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
    return this.#staged(path, key, sha256, bytes);
  }

  #staged(path: string, key: string, sha256: Digest, bytes: Uint8Array): StagedObject {
    let isCommitted = false;
    return {
      path,
      size: bytes.byteLength,
      sha256,
      digest: async (algorithm: DigestAlgorithm) =>
        algorithm === 'sha256'
          ? sha256
          : Digest.fromHex(algorithm, new Bun.CryptoHasher(algorithm).update(bytes).digest('hex')),
      commit: async () => {
        await this.#sync();
        isCommitted = true;
        return key;
      },
      discard: async () => {
        if (!isCommitted) await rm(path, { force: true });
      },
    };
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
