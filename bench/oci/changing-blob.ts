import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { makeFile } from '../files.ts';

/** One state of a blob that changes. */
export interface BlobState {
  /** What it begins with. */
  readonly beginning: Uint8Array;
  readonly digest: string;
}

const BEGINNING = 16;
/** What a client that streams sends in one go. */
const PIECE = 1 << 20;

/**
 * Random bytes, in a file and in memory, that become another blob by their beginning. What that is and what digest it has is found
 * out before anything is measured: the client must not need the time that is the server's.
 */
export class ChangingBlob {
  readonly path: string;
  readonly size: number;
  readonly #bytes: Buffer;

  constructor(path: string, size: number) {
    makeFile(path, size);
    this.path = path;
    this.size = size;
    this.#bytes = readFileSync(path);
  }

  plan(count: number): readonly BlobState[] {
    return Array.from({ length: count }, () => {
      const beginning = crypto.getRandomValues(new Uint8Array(BEGINNING));
      this.#bytes.set(beginning);
      return { beginning, digest: `sha256:${createHash('sha256').update(this.#bytes).digest('hex')}` };
    });
  }

  become({ beginning }: BlobState): void {
    this.#bytes.set(beginning);
    const file = openSync(this.path, 'r+');
    writeSync(file, beginning, 0, BEGINNING, 0);
    closeSync(file);
  }

  /** As a body whose length the client does not say before. */
  async *stream(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.size; at += PIECE) yield this.#bytes.subarray(at, at + PIECE);
  }
}
