import type { BitReader } from './bzip2-bits.ts';

const MAX_LENGTH = 20;
/** Codes of so many bits, nearly all, are found with one look. */
const FAST_LENGTH = 10;

/** One canonical Huffman code. */
export class HuffmanCode {
  /** By the next `FAST_LENGTH` bits: the symbol, and in the lowest five bits its code's length; 0 where it is longer. */
  readonly #fast: Uint16Array;
  /** By length: the greatest code, and what makes an index into `#symbols` of a code. */
  readonly #limits: Int32Array;
  readonly #bases: Int32Array;
  readonly #symbols: Uint16Array;

  private constructor(lengths: Uint8Array) {
    const symbols: number[] = [];
    this.#fast = new Uint16Array(1 << FAST_LENGTH);
    this.#limits = new Int32Array(MAX_LENGTH + 1).fill(-1);
    this.#bases = new Int32Array(MAX_LENGTH + 1);
    let code = 0;
    for (let length = 1; length <= MAX_LENGTH; length++) {
      this.#bases[length] = symbols.length - code;
      for (const [symbol, symbolLength] of lengths.entries()) {
        if (symbolLength !== length) continue;
        if (code >= 1 << length) throw new Error('bzip2: a block is damaged: it has more codes than there can be');
        if (length <= FAST_LENGTH) {
          const first = code << (FAST_LENGTH - length);
          this.#fast.fill((symbol << 5) | length, first, first + (1 << (FAST_LENGTH - length)));
        }
        symbols.push(symbol);
        code++;
      }
      this.#limits[length] = code - 1;
      code <<= 1;
    }
    this.#symbols = Uint16Array.from(symbols);
  }

  /** Reads the code's lengths, each as the difference to the one before it. @throws Error when one is out of bounds */
  static read(bits: BitReader, symbolCount: number): HuffmanCode {
    let length = bits.read(5);
    return new HuffmanCode(
      Uint8Array.from({ length: symbolCount }, () => {
        for (;;) {
          if (length < 1 || length > MAX_LENGTH)
            throw new Error('bzip2: a block is damaged: a code has no valid length');
          if (bits.read(1) === 0) return length;
          length += bits.read(1) === 0 ? 1 : -1;
        }
      }),
    );
  }

  /** @throws Error at the end of the input, and when no symbol has such a code */
  decode(bits: BitReader): number {
    const next = bits.peek(MAX_LENGTH);
    const entry = this.#fast[next >>> (MAX_LENGTH - FAST_LENGTH)] ?? 0;
    if (entry !== 0) {
      bits.drop(entry & 0x1f);
      return entry >>> 5;
    }
    for (let length = FAST_LENGTH + 1; length <= MAX_LENGTH; length++) {
      const code = next >>> (MAX_LENGTH - length);
      if (code > (this.#limits[length] ?? -1)) continue;
      bits.drop(length);
      const symbol = this.#symbols[code + (this.#bases[length] ?? 0)];
      if (symbol !== undefined) return symbol;
      break;
    }
    throw new Error('bzip2: a block is damaged: there is no such code');
  }
}
