import type { BitReader } from './bzip2-bits.ts';
import { HuffmanCode } from './bzip2-huffman.ts';

const GROUP_SIZE = 50;
const RUN_A = 0;
const RUN_B = 1;
const CRC_TABLE = crcTable();

/** One block: Huffman codes, move-to-front, the inverse of the Burrows-Wheeler transform, runs. */
export class Bzip2Block {
  /** Eight bits of a byte; above them where the byte behind it is. */
  readonly #links: Uint32Array;
  #left = 0;
  #position = 0;
  /** How often the last byte has come one after the other; after four comes a count. */
  #run = 0;
  #last = -1;
  #repeat = 0;
  #crc = 0;

  /** @param maxSymbols 100,000 to 900,000 */
  constructor(maxSymbols: number) {
    this.#links = new Uint32Array(maxSymbols);
  }

  /** Of all that was taken of this block. */
  get checksum(): number {
    return ~this.#crc >>> 0;
  }

  /** Reads the block behind its checksum. @throws Error when it is damaged or cut off */
  load(bits: BitReader): void {
    if (bits.read(1) !== 0) throw damaged('it is randomised, which no bzip2 since 0.9.5 makes');
    const start = bits.read(24);
    const alphabet = readAlphabet(bits);
    const groups = bits.read(3);
    const selectorCount = bits.read(15);
    if (groups < 2 || groups > 6 || selectorCount === 0) throw damaged('its codes');
    const selectors = readSelectors(bits, groups, selectorCount);
    const codes = Array.from({ length: groups }, () => HuffmanCode.read(bits, alphabet.length + 2));
    const counts = new Uint32Array(256);
    const length = this.#readSymbols(bits, alphabet, selectors, codes, counts);
    if (start >= length) throw damaged('its beginning is outside of it');
    this.#link(length, counts);
    this.#left = length;
    this.#position = (this.#links[start] ?? 0) >>> 8;
    this.#run = 0;
    this.#last = -1;
    this.#repeat = 0;
    this.#crc = 0xffffffff;
  }

  /** Puts the next bytes into `output`. @returns how many; 0 when there are no more */
  take(output: Uint8Array): number {
    const links = this.#links;
    let position = this.#position;
    let left = this.#left;
    let run = this.#run;
    let last = this.#last;
    let repeat = this.#repeat;
    let crc = this.#crc;
    let length = 0;
    while (length < output.length) {
      if (repeat > 0) {
        repeat--;
      } else {
        if (left === 0) break;
        left--;
        const link = links[position] ?? 0;
        const byte = link & 0xff;
        position = link >>> 8;
        if (run === 4) {
          repeat = byte;
          run = 0;
          continue;
        }
        run = byte === last ? run + 1 : 1;
        last = byte;
      }
      output[length++] = last;
      crc = (crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ last] ?? 0);
    }
    this.#position = position;
    this.#left = left;
    this.#run = run;
    this.#last = last;
    this.#repeat = repeat;
    this.#crc = crc;
    return length;
  }

  /** @returns how many bytes the block has before its runs are undone; each is left in `#links` and counted */
  #readSymbols(
    bits: BitReader,
    alphabet: Uint8Array,
    selectors: Uint8Array,
    codes: readonly HuffmanCode[],
    counts: Uint32Array,
  ): number {
    const links = this.#links;
    const end = alphabet.length + 1;
    let length = 0;
    let runLength = 0;
    let runWeight = 1;
    for (const selector of selectors) {
      const code = codes[selector];
      for (let index = 0; index < GROUP_SIZE && code; index++) {
        const symbol = code.decode(bits);
        if (symbol === RUN_A || symbol === RUN_B) {
          runLength += symbol === RUN_A ? runWeight : 2 * runWeight;
          if (runLength > links.length) throw damaged('a run is too long');
          runWeight *= 2;
          continue;
        }
        if (runLength > 0) {
          const byte = alphabet[0] ?? 0;
          if (length + runLength > links.length) throw damaged('it is too long');
          links.fill(byte, length, length + runLength);
          counts[byte] = (counts[byte] ?? 0) + runLength;
          length += runLength;
          runLength = 0;
          runWeight = 1;
        }
        if (symbol === end) return length;
        if (length === links.length) throw damaged('it is too long');
        const byte = alphabet[symbol - 1] ?? 0;
        alphabet.copyWithin(1, 0, symbol - 1);
        alphabet[0] = byte;
        counts[byte] = (counts[byte] ?? 0) + 1;
        links[length++] = byte;
      }
    }
    throw damaged('its end is missing');
  }

  #link(length: number, counts: Uint32Array): void {
    const links = this.#links;
    let sum = 0;
    for (let byte = 0; byte < 256; byte++) {
      const count = counts[byte] ?? 0;
      counts[byte] = sum;
      sum += count;
    }
    for (let index = 0; index < length; index++) {
      const byte = (links[index] ?? 0) & 0xff;
      const place = counts[byte] ?? 0;
      counts[byte] = place + 1;
      links[place] = ((links[place] ?? 0) & 0xff) | (index << 8);
    }
  }
}

/** Which bytes occur, as 16 bits for the rows and 16 for each row that is there; in the order of move-to-front. */
function readAlphabet(bits: BitReader): Uint8Array {
  const rows = bits.read(16);
  const bytes: number[] = [];
  for (let row = 0; row < 16; row++) {
    if (((rows >>> (15 - row)) & 1) === 0) continue;
    const columns = bits.read(16);
    for (let column = 0; column < 16; column++) {
      if (((columns >>> (15 - column)) & 1) === 1) bytes.push(row * 16 + column);
    }
  }
  if (bytes.length === 0) throw damaged('it has no bytes');
  return Uint8Array.from(bytes);
}

/** Which code is for which fifty symbols, in unary of a move-to-front list. */
function readSelectors(bits: BitReader, groups: number, count: number): Uint8Array {
  const order = Array.from({ length: groups }, (_, index) => index);
  return Uint8Array.from({ length: count }, () => {
    let place = 0;
    while (bits.read(1) === 1) place++;
    const [selector] = order.splice(place, 1);
    if (selector === undefined) throw damaged('its codes');
    order.unshift(selector);
    return selector;
  });
}

function crcTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte << 24;
    for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
    return value;
  });
}

function damaged(problem: string): Error {
  return new Error(`bzip2: a block is damaged: ${problem}`);
}
