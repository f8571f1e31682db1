import { BitReader } from './bzip2-bits.ts';
import { Bzip2Block } from './bzip2-block.ts';
import type { ReadBytes } from './compression.ts';

const STREAM_MAGIC = 0x425a68;
const BLOCK_MAGIC = [0x314159, 0x265359] as const;
const END_MAGIC = [0x177245, 0x385090] as const;
const ASCII_ZERO = 48;
const CHUNK_SIZE = 64 * 1024;

/**
 * Decodes bzip2 (Julian Seward's bzip2 1.0.8; the format is described by its decompress.c), several streams one behind the
 * other as well. At most one block of 900,000 symbols is held, and its output is given in pieces of 64 KiB: forty bytes of
 * bzip2 can be 45 MB, and whoever takes them decides how many.
 * @throws Error when the input is damaged or cut off
 */
export function* decodeBzip2(read: ReadBytes): Generator<Uint8Array<ArrayBuffer>> {
  const bits = new BitReader(read);
  do {
    if (bits.read(24) !== STREAM_MAGIC) throw new Error('bzip2: it is not bzip2');
    const level = bits.read(8) - ASCII_ZERO;
    if (level < 1 || level > 9) throw new Error('bzip2: it has no valid block size');
    const block = new Bzip2Block(level * 100_000);
    let checksum = 0;
    for (;;) {
      const magic = [bits.read(24), bits.read(24)];
      if (magic[0] === END_MAGIC[0] && magic[1] === END_MAGIC[1]) break;
      if (magic[0] !== BLOCK_MAGIC[0] || magic[1] !== BLOCK_MAGIC[1]) throw new Error('bzip2: a block is damaged');
      const expected = bits.read32();
      block.load(bits);
      for (;;) {
        const chunk = new Uint8Array(CHUNK_SIZE);
        const length = block.take(chunk);
        if (length === 0) break;
        yield chunk.subarray(0, length);
      }
      if (block.checksum !== expected) throw new Error('bzip2: a block has a wrong checksum');
      checksum = (((checksum << 1) | (checksum >>> 31)) ^ expected) >>> 0;
    }
    if (bits.read32() !== checksum) throw new Error('bzip2: it has a wrong checksum');
    bits.align();
  } while (!bits.isAtEnd);
}
