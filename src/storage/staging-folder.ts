import { randomUUID } from 'node:crypto';
import { mkdir, opendir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './durable-write.ts';
import { limitSize } from './limit-size.ts';
import { MultiHash } from './multi-hash.ts';
import type { ByteSource, StageOptions, UnfinishedUpload } from './object-store.ts';
import { type Commit, StagedFile } from './staged-file.ts';
import { translateFsError } from './translate-fs-error.ts';

/** Milliseconds. */
const ABANDONED_AFTER = 24 * 60 * 60 * 1000;

/** The local folder where uploads arrive, one file each. What a crash leaves there is forgotten after a day. */
export class StagingFolder {
  readonly #folder: string;
  readonly #durable: boolean;
  readonly #commit: Commit;

  private constructor(folder: string, durable: boolean, commit: Commit) {
    this.#folder = folder;
    this.#durable = durable;
    this.#commit = commit;
  }

  /**
   * @param options.durable the file itself becomes the stored object, so it must be on the disk before it is moved
   * @param options.commit stores a complete file
   */
  static async open(
    folder: string,
    options: { readonly durable: boolean; readonly commit: Commit },
  ): Promise<StagingFolder> {
    const staging = new StagingFolder(folder, options.durable, options.commit);
    try {
      await mkdir(folder, { recursive: true });
      for await (const { id, startedAt } of staging.unfinished())
        if (startedAt < Date.now() - ABANDONED_AFTER) await staging.drop(id);
    } catch (error) {
      translateFsError(`file:${folder}`)(error);
    }
    return staging;
  }

  async stage(source: ByteSource, options: StageOptions = {}): Promise<StagedFile> {
    const path = join(this.#folder, randomUUID());
    const hash = new MultiHash(['sha256', ...(options.digests ?? [])]);
    try {
      const size = await writeDurably(path, limitSize(source, options.maxSize), hash, {
        sync: this.#durable,
        owned: options.owned,
      });
      return new StagedFile(path, size, hash.finish(), this.#commit);
    } catch (error) {
      await rm(path, { force: true });
      return translateFsError(`file:${this.#folder}`)(error);
    }
  }

  /** Every file that is here now, also those of uploads under way: these are written to all the time, so they look young. */
  async *unfinished(): AsyncIterable<UnfinishedUpload> {
    for await (const entry of await opendir(this.#folder)) {
      const found = await stat(join(this.#folder, entry.name)).catch(() => undefined);
      if (found?.isFile()) yield { id: entry.name, size: found.size, startedAt: found.mtimeMs };
    }
  }

  async drop(id: string): Promise<void> {
    if (!/^[A-Za-z0-9-]+$/.test(id)) return;
    await rm(join(this.#folder, id), { force: true });
  }
}
