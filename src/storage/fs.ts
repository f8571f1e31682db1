import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Digest, DigestAlgorithm } from '../model/digest.ts';
import { notFound } from '../model/errors.ts';
import { makeFoldersDurably, syncFolder, writeDurably } from './durable-write.ts';
import { limitSize } from './limit-size.ts';
import { hasherFor, MultiHash } from './multi-hash.ts';
import type {
  ByteRange,
  ByteSource,
  DeletesObjects,
  ListsObjects,
  ObjectStat,
  ObjectStore,
  StagedObject,
  StageOptions,
} from './object-store.ts';
import { isAbsent, translateFsError } from './translate-fs-error.ts';

/** The layout's version is part of every key, so that a later layout can live beside this one. */
const LAYOUT = 'blobs-v1';
const STAGING = 'staging';
/** Milliseconds. */
const ABANDONED_AFTER = 24 * 60 * 60 * 1000;

/**
 * Blobs in a folder: `blobs-v1/sha256/ab/abcd…`. A write is a temporary file in `staging/`, fsync, rename, fsync of the
 * folders: after `commit` the bytes survive a power cut, before it a crash leaves one file in `staging/` at the most.
 */
export class FsObjectStore implements ObjectStore, DeletesObjects, ListsObjects {
  readonly description: string;
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
    this.description = `file:${root}`;
  }

  /** Opens the store in a folder, which is created if it is not there. */
  static async open(root: string): Promise<FsObjectStore> {
    const store = new FsObjectStore(root);
    await mkdir(join(root, STAGING), { recursive: true }).catch(translateFsError(store.description));
    await removeAbandoned(join(root, STAGING)).catch(translateFsError(store.description));
    return store;
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
    if (!(await file.exists())) throw lost(this.description, key);
    return range ? file.slice(range.start, range.end) : file;
  }

  async stage(source: ByteSource, options: StageOptions = {}): Promise<StagedObject> {
    const path = join(this.#root, STAGING, randomUUID());
    const hash = new MultiHash(['sha256', ...(options.digests ?? [])]);
    try {
      const size = await writeDurably(path, limitSize(source, options.maxSize), hash);
      return new StagedFile(this.#root, path, size, hash.finish());
    } catch (error) {
      await rm(path, { force: true });
      return translateFsError(this.description)(error);
    }
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

  async *list(): AsyncIterable<{ key: string; size: number }> {
    const root = join(this.#root, LAYOUT);
    const names = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of names) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      yield { key: path.slice(this.#root.length + 1), size: (await stat(path)).size };
    }
  }

  #path(key: string): string {
    if (!/^[a-z0-9-]+(\/[a-z0-9]+)+$/.test(key)) throw notFound(`not a storage key: ${key}`);
    return join(this.#root, key);
  }
}

class StagedFile implements StagedObject {
  readonly path: string;
  readonly size: number;
  readonly sha256: Digest;
  readonly #root: string;
  readonly #digests: Map<DigestAlgorithm, Digest>;

  constructor(root: string, path: string, size: number, digests: Map<DigestAlgorithm, Digest>) {
    this.#root = root;
    this.path = path;
    this.size = size;
    this.#digests = digests;
    this.sha256 = digests.get('sha256') as Digest;
  }

  async digest(algorithm: DigestAlgorithm): Promise<Digest> {
    const known = this.#digests.get(algorithm);
    if (known) return known;
    const hasher = hasherFor(algorithm);
    for await (const chunk of createReadStream(this.path, { highWaterMark: 1 << 20 })) hasher.update(chunk);
    const digest = hasher.digest();
    this.#digests.set(algorithm, digest);
    return digest;
  }

  async commit(): Promise<string> {
    const { hex } = this.sha256;
    const key = `${LAYOUT}/sha256/${hex.slice(0, 2)}/${hex}`;
    const target = join(this.#root, key);
    const failed = translateFsError(`file:${this.#root}`);
    try {
      const there = await stat(target).catch(() => undefined);
      if (there?.size !== this.size) {
        await makeFoldersDurably(this.#root, dirname(target));
        await rename(this.path, target);
      }
      // Also where the bytes were there already: whoever put them there may not have come this far yet.
      await syncFolder(dirname(target));
      return key;
    } catch (error) {
      return failed(error);
    }
  }

  async discard(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** Only what a row names is opened: that it is not there is the storage's fault, and nobody's request. */
function lost(store: string, key: string): Error {
  return new Error(`${store} has lost ${key}: restore it from a backup`);
}

/** Removes what a crash left behind long ago. An upload under way writes all the time, so it is never this old. */
async function removeAbandoned(staging: string): Promise<void> {
  for (const name of await readdir(staging)) {
    const path = join(staging, name);
    const found = await stat(path).catch(() => undefined);
    if (found && found.mtimeMs < Date.now() - ABANDONED_AFTER) await rm(path, { force: true });
  }
}
