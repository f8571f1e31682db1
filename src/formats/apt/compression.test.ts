import { describe, expect, test } from 'bun:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { type Compression, decompress, decompressStream, isCompression, type ReadBytes } from './compression.ts';
import { type CompressionName, compress, suffixOf } from './fixtures/compress.ts';
import { expectRefusal, refusalOf } from './fixtures/refusals.ts';
import { toolTest } from './fixtures/tool-test.ts';

const ALL = ['none', 'gz', 'zst', 'xz', 'bz2'] as const;
const PROGRAM: Readonly<Record<CompressionName, readonly string[]>> = {
  none: [],
  gz: [],
  zst: [],
  xz: ['xz'],
  bz2: ['bzip2'],
};
const MEGABYTE = 1024 * 1024;
/** Text that repeats, and bytes that do not: a bit over two blocks of bzip2. */
const SAMPLE = new Uint8Array(
  Buffer.concat([Buffer.from('some text, '.repeat(60_000)), pseudoRandom(1_200_000), Buffer.alloc(70_000, 'a')]),
);

function pseudoRandom(length: number): Uint8Array {
  let state = 42;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

function readerOf(bytes: Uint8Array, step = 64 * 1024): ReadBytes {
  let position = 0;
  return (maxLength) => {
    const piece = bytes.subarray(position, position + Math.min(maxLength, step));
    position += piece.length;
    return piece;
  };
}

async function drain(bytes: Uint8Array, compression: Compression, step?: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of decompressStream(readerOf(bytes, step), compression)) {
    expect(piece.length).toBeLessThanOrEqual(4 * MEGABYTE);
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

async function whole(
  bytes: Uint8Array,
  compression: Compression,
  maxSize = 4 * MEGABYTE,
): Promise<Uint8Array | undefined> {
  const found = await decompress(bytes, compression, maxSize);
  return found && new Uint8Array(found);
}

describe.each(ALL)('%s', (name) => {
  const suffix = suffixOf(name) as Compression;

  toolTest('gives back what was compressed, at once and as a stream', PROGRAM[name], async () => {
    const packed = compress(SAMPLE, name);
    expect(await whole(packed, suffix)).toEqual(SAMPLE);
    expect(await drain(packed, suffix)).toEqual(SAMPLE);
    expect(await drain(compress(SAMPLE.subarray(0, 5000), name), suffix, 7)).toEqual(SAMPLE.subarray(0, 5000));
    expect(await whole(compress(new Uint8Array(), name), suffix)).toEqual(new Uint8Array());
  });

  toolTest('gives back the content of parts one behind the other', PROGRAM[name], async () => {
    const packed = Buffer.concat([compress(SAMPLE, name), compress(SAMPLE.subarray(0, 1000), name)]);
    const expected = new Uint8Array(Buffer.concat([SAMPLE, SAMPLE.subarray(0, 1000)]));
    expect(await whole(packed, suffix)).toEqual(expected);
    expect(await drain(packed, suffix)).toEqual(expected);
  });

  toolTest('a bomb is not unpacked when it is larger than asked for', PROGRAM[name], async () => {
    const packed = compress(new Uint8Array(100 * MEGABYTE), name);
    const before = process.memoryUsage().rss;
    expect(await decompress(packed, suffix, MEGABYTE)).toBeUndefined();
    expect(process.memoryUsage().rss - before).toBeLessThan(90 * MEGABYTE);
    let size = 0;
    for await (const piece of decompressStream(readerOf(packed), suffix)) {
      size += piece.length;
      if (size > MEGABYTE) break;
    }
    expect(size).toBeLessThan(6 * MEGABYTE);
  });

  toolTest('exactly as much as asked for is unpacked', PROGRAM[name], async () => {
    const packed = compress(SAMPLE, name);
    expect(await whole(packed, suffix, SAMPLE.length)).toEqual(SAMPLE);
    expect(await decompress(packed, suffix, SAMPLE.length - 1)).toBeUndefined();
  });

  if (name === 'none') return;

  toolTest('what is cut off anywhere is refused', PROGRAM[name], async () => {
    const packed = compress(SAMPLE.subarray(0, 2000), name);
    for (let length = 0; length < packed.length; length++) {
      await expectRefusal(() => decompress(packed.subarray(0, length), suffix, MEGABYTE), /cannot be decompressed/);
    }
  });

  toolTest('changed bytes give nothing but other content or a PackyardError', PROGRAM[name], async () => {
    const packed = compress(SAMPLE.subarray(0, 3000), name);
    const place = fc.tuple(fc.nat(packed.length - 1), fc.integer({ min: 0, max: 7 }));
    await fc.assert(
      fc.asyncProperty(place, async ([at, bit]) => {
        const bytes = new Uint8Array(packed);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        await refusalOf(() => decompress(bytes, suffix, MEGABYTE));
        await refusalOf(() => drain(bytes, suffix));
      }),
      { numRuns: 150 },
    );
  });

  test('random bytes are refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await refusalOf(() => decompress(bytes, suffix, MEGABYTE))).toBeDefined();
      }),
    );
  });
});

describe('bzip2', () => {
  toolTest('gives back what the program compressed, whatever it is', ['bzip2'], async () => {
    const run = fc.tuple(fc.nat(3), fc.nat(700)).map(([byte, length]) => Buffer.alloc(length, byte));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc.array(run, { maxLength: 20 }).map((runs) => Buffer.concat(runs)),
    );
    const level = fc.constantFrom('-1', '-9');
    await fc.assert(
      fc.asyncProperty(bytes, level, async (content, size) => {
        const { stdout } = Bun.spawnSync(['bzip2', '-c', size], { stdin: Buffer.from(content) });
        expect(await whole(new Uint8Array(stdout), '.bz2')).toEqual(new Uint8Array(content));
      }),
      { numRuns: 100 },
    );
  });

  toolTest('a block with a wrong checksum is refused', ['bzip2'], async () => {
    const packed = compress(Buffer.from('hello'), 'bz2');
    packed[10] = (packed[10] ?? 0) ^ 1;
    await expectRefusal(() => decompress(packed, '.bz2', MEGABYTE), /wrong checksum/);
  });
});

describe('xz', () => {
  toolTest('what asks for more than xz-embedded has is refused, and says why', ['xz'], async () => {
    const pack = (...options: string[]) =>
      new Uint8Array(Bun.spawnSync(['xz', '-c', ...options], { stdin: Buffer.from('hello') }).stdout);
    await expectRefusal(
      () => decompress(pack('--lzma2=dict=128MiB'), '.xz', MEGABYTE),
      /dictionary of more than 64 MiB/,
    );
    await expectRefusal(() => decompress(pack('--x86', '--lzma2'), '.xz', MEGABYTE), /a filter/);
    await expectRefusal(() => decompress(pack('-C', 'sha256'), '.xz', MEGABYTE), /checksum/);
    for (const level of ['-0', '-6', '-9e'])
      expect(await whole(pack(level), '.xz')).toEqual(new Uint8Array(Buffer.from('hello')));
  });

  toolTest('a stream that nobody reads to its end does not hold up others', ['xz'], async () => {
    const packed = compress(SAMPLE, 'xz');
    const left = decompressStream(readerOf(packed), '.xz');
    await left.next();
    const others = await Promise.all([1, 2, 3].map(() => drain(packed, '.xz')));
    expect(others.every((other) => Buffer.compare(other, SAMPLE) === 0)).toBe(true);
    await left.return(undefined);
  });

  toolTest('a thousand uses do not take more memory than a hundred', ['xz'], async () => {
    const packed = compress(SAMPLE.subarray(0, 10_000), 'xz');
    const use = async (count: number): Promise<number> => {
      for (let index = 0; index < count; index++) await decompress(packed, '.xz', index % 2 === 0 ? MEGABYTE : 100);
      Bun.gc(true);
      return process.memoryUsage().rss;
    };
    const before = await use(100);
    expect((await use(1000)) - before).toBeLessThan(48 * MEGABYTE);
  });
});

describe('zstd', () => {
  test('several frames, those that are skipped, and stored and repeated blocks are whole', async () => {
    const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const frames = [zstdCompressSync(SAMPLE), skipped, zstdCompressSync(new Uint8Array(MEGABYTE))];
    const expected = new Uint8Array(Buffer.concat([SAMPLE, new Uint8Array(MEGABYTE)]));
    expect(await whole(Buffer.concat(frames), '.zst')).toEqual(expected);
  });

  test('something behind the last frame is refused', () =>
    expectRefusal(
      () => decompress(Buffer.concat([zstdCompressSync(SAMPLE), Buffer.from('garbage')]), '.zst', 1),
      /cut off/,
    ));

  toolTest('what the program writes is whole, from a pipe and with a checksum', ['zstd'], async () => {
    for (const options of [['-1'], ['-19', '--check'], ['--no-check'], ['--ultra', '-22'], ['--long=27']]) {
      const packed = Bun.spawnSync(['zstd', '-c', ...options], { stdin: SAMPLE }).stdout;
      expect(await whole(new Uint8Array(packed), '.zst')).toEqual(SAMPLE);
    }
  });
});

test('gzip with something behind it that is no gzip is refused', () =>
  expectRefusal(
    () => decompress(Buffer.concat([gzipSync(SAMPLE), Buffer.from('garbage')]), '.gz', 4 * MEGABYTE),
    /decompressed/,
  ));

test('what the disk says while reading is not taken for the package', async () => {
  const broken: ReadBytes = () => {
    throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  };
  for (const name of ALL) {
    const stream = decompressStream(broken, suffixOf(name) as Compression);
    expect(await stream.next().catch((error: unknown) => (error as { code?: string }).code)).toBe('EIO');
  }
});

test('the endings of names are known', () => {
  expect(['', '.gz', '.xz', '.zst', '.bz2', '.lzma', 'gz', '.GZ'].filter(isCompression)).toEqual([
    '',
    '.gz',
    '.xz',
    '.zst',
    '.bz2',
  ]);
});
