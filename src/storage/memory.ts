import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Digest } from '../model/digest.ts';
import { notFound } from '../model/errors.ts';
import { limitSize } from './limit-size.ts';
import { hasherFor, MultiHash } from './multi-hash.ts';
import type {
  ByteRange,
  ByteSource,
  DeletesObjects,
  ListedObject,
  ListsObjects,
  ObjectStat,
  ObjectStore,
  StagedObject,
  StageOptions,
} from './object-store.ts';
import { newStorageKey } from './storage-key.ts';

interface Kept {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly modifiedAt: number;
}

/** Blobs in memory, for tests and demonstrations. Staged bytes lie in a temporary folder, because parsers read files. */
export class MemoryObjectStore implements ObjectStore, DeletesObjects, ListsObjects {
  readonly description = 'memory:';
  readonly #objects = new Map<string, Kept>();

  async stat(key: string): Promise<ObjectStat | undefined> {
    const kept = this.#objects.get(key);
    return kept && { size: kept.bytes.byteLength };
  }

  open(key: string, range?: ByteRange): Blob {
    const bytes = this.#objects.get(key)?.bytes;
    if (!bytes) throw notFound(`no object ${key}`);
    return new Blob([range ? bytes.subarray(range.start, range.end) : bytes]);
  }

  async stage(source: ByteSource, options: StageOptions = {}): Promise<StagedObject> {
    const hash = new MultiHash(['sha256', ...(options.digests ?? [])]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of limitSize(source, options.maxSize)) {
      hash.update(chunk);
      chunks.push(new Uint8Array(chunk));
    }
    const bytes = new Uint8Array(Buffer.concat(chunks));
    const digests = hash.finish();
    const folder = await mkdtemp(join(tmpdir(), 'packyard-'));
    const path = join(folder, randomUUID());
    await writeFile(path, bytes);
    const sha256 = digests.get('sha256') ?? Digest.sha256('');
    return {
      path,
      size: bytes.byteLength,
      sha256,
      digest: async (algorithm) => {
        const hasher = hasherFor(algorithm);
        hasher.update(bytes);
        return digests.get(algorithm) ?? hasher.digest();
      },
      commit: async () => {
        const key = newStorageKey(sha256);
        this.#objects.set(key, { bytes, modifiedAt: Date.now() });
        return key;
      },
      discard: () => rm(folder, { recursive: true, force: true }),
    };
  }

  async check(): Promise<void> {}

  async delete(key: string): Promise<void> {
    this.#objects.delete(key);
  }

  async *list(): AsyncIterable<ListedObject> {
    for (const [key, { bytes, modifiedAt }] of this.#objects) yield { key, size: bytes.byteLength, modifiedAt };
  }
}
