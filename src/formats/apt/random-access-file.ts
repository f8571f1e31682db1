import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ReadBytes } from './compression.ts';

/** Holds what there is to read of most packages: the first members' headers and the control files. */
const HEAD_SIZE = 64 * 1024;

/**
 * A staged file, of which small parts are read at known places. The head is read at once, with synchronous calls: the bytes
 * have just been written and lie in memory, and a detour over the thread pool costs more than all of the parsing.
 */
export class RandomAccessFile {
  readonly #descriptor: number;
  readonly #head: Uint8Array<ArrayBuffer>;
  #isClosed = false;
  /** Bytes. */
  readonly size: number;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
    this.size = fstatSync(descriptor).size;
    this.#head = this.#read(0, Math.min(HEAD_SIZE, this.size));
  }

  /** To be used with `using`, which closes the file whatever happens. */
  static open(path: string): RandomAccessFile {
    const descriptor = openSync(path, 'r');
    try {
      return new RandomAccessFile(descriptor);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    closeSync(this.#descriptor);
  }

  /**
   * @param length bytes
   * @returns fewer bytes where the file ends before; not to be changed, and not to be kept for long
   */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const end = Math.min(offset + length, this.size);
    if (end <= this.#head.length) return this.#head.subarray(offset, end);
    return this.#read(offset, Math.max(0, end - offset));
  }

  /** Reads a part of the file from its beginning to its end. */
  reader(offset: number, size: number): ReadBytes {
    let position = 0;
    return (maxLength) => {
      const piece = this.read(offset + position, Math.min(maxLength, size - position));
      position += piece.length;
      return piece;
    };
  }

  #read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    let done = 0;
    // A stream that is being ended may still ask, when the descriptor's number is already another file's.
    while (done < length && !this.#isClosed) {
      const count = readSync(this.#descriptor, bytes, done, length - done, offset + done);
      if (count === 0) break;
      done += count;
    }
    return bytes.subarray(0, done);
  }
}
