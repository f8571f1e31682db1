import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Digest, DigestAlgorithm } from '../model/digest.ts';
import { hasherFor } from './multi-hash.ts';
import type { StagedObject } from './object-store.ts';

/** What a driver does to store a staged file; returns the key. */
export type Commit = (file: StagedFile) => Promise<string>;

/** An upload that lies in a local file. The driver says how it is stored. */
export class StagedFile implements StagedObject {
  readonly path: string;
  readonly size: number;
  readonly sha256: Digest;
  readonly #digests: Map<DigestAlgorithm, Digest>;
  readonly #commit: Commit;
  #isStored = false;

  constructor(path: string, size: number, digests: Map<DigestAlgorithm, Digest>, commit: Commit) {
    this.path = path;
    this.size = size;
    this.#digests = digests;
    this.sha256 = digests.get('sha256') as Digest;
    this.#commit = commit;
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

  commit(): Promise<string> {
    return this.#commit(this);
  }

  /** To be called by a driver of which this file has become the stored object: nothing is left to discard. */
  noteStored(): void {
    this.#isStored = true;
  }

  async discard(): Promise<void> {
    if (!this.#isStored) await rm(this.path, { force: true });
  }
}
