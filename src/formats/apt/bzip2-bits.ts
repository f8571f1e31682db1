import type { ReadBytes } from './compression.ts';

const READ_SIZE = 64 * 1024;

/** Reads numbers of some bits, the most significant bit first. */
export class BitReader {
  readonly #read: ReadBytes;
  #input: Uint8Array = new Uint8Array();
  #position = 0;
  /** The bits that are next are the lowest `#count` of these. */
  #bits = 0;
  #count = 0;
  /** Zeros that were made up behind the end, so that a code's length need not be known before it is looked at. */
  #invented = 0;

  constructor(read: ReadBytes) {
    this.#read = read;
  }

  /** @param width 1 to 24 @throws Error at the end of the input */
  read(width: number): number {
    const value = this.peek(width);
    this.drop(width);
    return value;
  }

  read32(): number {
    return this.read(16) * 0x10000 + this.read(16);
  }

  /** What `read` would give; zeros behind the end. */
  peek(width: number): number {
    while (this.#count < width) {
      this.#bits = (this.#bits << 8) | this.#nextByte();
      this.#count += 8;
    }
    return (this.#bits >>> (this.#count - width)) & ((1 << width) - 1);
  }

  /** @param width at most what was looked at @throws Error at the end of the input */
  drop(width: number): void {
    this.#count -= width;
    if (this.#count < this.#invented) throw new Error('bzip2: it is cut off');
  }

  /** Goes on to the next whole byte. */
  align(): void {
    this.#count -= this.#count % 8;
  }

  /** Only between whole bytes. */
  get isAtEnd(): boolean {
    this.peek(8);
    return this.#count <= this.#invented;
  }

  #nextByte(): number {
    if (this.#position === this.#input.length) {
      this.#input = this.#read(READ_SIZE);
      this.#position = 0;
      if (this.#input.length === 0) {
        this.#invented += 8;
        return 0;
      }
    }
    return this.#input[this.#position++] ?? 0;
  }
}
