import { opendir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DigestAlgorithm } from '../model/digest.ts';
import { makeFoldersDurably, syncFolder } from './durable-write.ts';
import { FsBatch } from './fs-batch.ts';
import { lostObject } from './lost-object.ts';
import type {
  ByteRange,
  ByteSource,
  DeletesObjects,
  ListedObject,
  ListsObjects,
  ListsUnfinished,
  ObjectStat,
  ObjectStore,
  StageBatch,
  StagedObject,
  StageOptions,
  StagesBatches,
  UnfinishedUpload,
} from './object-store.ts';
import type { StagedFile } from './staged-file.ts';
import { StagingFolder } from './staging-folder.ts';
import { checkStorageKey, LAYOUT, newStorageKey } from './storage-key.ts';
import { isAbsent, translateFsError } from './translate-fs-error.ts';

/**
 * Blobs in a folder: `blobs-v1/sha256/ab/abcd…-…`. A write is a temporary file in `staging/`, fsync, rename, fsync of the
 * folders: after `commit` the bytes survive a power cut, before it a crash leaves one file in `staging/` at the most.
 */
export class FsObjectStore implements ObjectStore, DeletesObjects, ListsObjects, ListsUnfinished, StagesBatches {
  readonly description: string;
  readonly #root: string;
  readonly #staging: StagingFolder;

  private constructor(root: string, staging: StagingFolder) {
    this.#root = root;
    this.#staging = staging;
    this.description = describe(root);
  }

  /** Opens the store in a folder, which is created if it is not there. */
  static async open(root: string): Promise<FsObjectStore> {
    const commit = (file: StagedFile): Promise<string> => moveIntoPlace(root, file);
    return new FsObjectStore(root, await StagingFolder.open(join(root, 'staging'), { durable: true, commit }));
  }

  async stat(key: string): Promise<ObjectStat | undefined> {
    try {
      const found = await stat(this.#path(key));
      return found.isFile() ? { size: found.size } : undefined;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      return translateFsError(this.description)(error);
    }
  }

  async open(key: string, range?: ByteRange): Promise<Blob> {
    const file = Bun.file(this.#path(key));
    if (!(await file.exists())) throw lostObject(this.description, key);
    return range ? file.slice(range.start, range.end) : file;
  }

  stage(source: ByteSource, options?: StageOptions): Promise<StagedObject> {
    return this.#staging.stage(source, options);
  }

  stageBatch(digests: readonly DigestAlgorithm[] = []): StageBatch {
    return new FsBatch(this.#root, this.description, digests);
  }

  async check(): Promise<void> {
    const staged = await this.stage([Buffer.from('packyard')]);
    await staged.discard();
  }

  async delete(key: string): Promise<void> {
    await unlink(this.#path(key)).catch((error) => {
      if (!isAbsent(error)) translateFsError(this.description)(error);
    });
  }

  async *list(): AsyncIterable<ListedObject> {
    yield* walk(this.#root, LAYOUT);
  }

  unfinished(): AsyncIterable<UnfinishedUpload> {
    return this.#staging.unfinished();
  }

  dropUnfinished(id: string): Promise<void> {
    return this.#staging.drop(id);
  }

  #path(key: string): string {
    return join(this.#root, checkStorageKey(key));
  }
}

function describe(root: string): string {
  return `file:${root}`;
}

async function moveIntoPlace(root: string, file: StagedFile): Promise<string> {
  const key = newStorageKey(file.sha256);
  const target = join(root, key);
  try {
    await renameInto(root, file.path, target);
    file.noteStored();
    await syncFolder(dirname(target));
    return key;
  } catch (error) {
    return translateFsError(describe(root))(error);
  }
}

/** The folder is nearly always there: it is one of 256. */
async function renameInto(root: string, path: string, target: string): Promise<void> {
  try {
    await rename(path, target);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    await makeFoldersDurably(root, dirname(target));
    await rename(path, target);
  }
}

/** One folder after the other, so that no list of everything comes to be; what vanishes meanwhile is left out. */
async function* walk(root: string, folder: string): AsyncIterable<ListedObject> {
  const entries = await opendir(join(root, folder)).catch((error) => {
    if (!isAbsent(error)) translateFsError(describe(root))(error);
  });
  for await (const entry of entries ?? []) {
    const key = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, key);
    const found = entry.isFile() ? await stat(join(root, key)).catch(() => undefined) : undefined;
    if (found) yield { key, size: found.size, modifiedAt: found.mtimeMs };
  }
}
