import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { TempFolder } from '../../../tests/support/temp-folder.ts';
import { expectRefusal, refusalOf } from './fixtures/refusals.ts';
import { type TarFormat, type TarEntry as TarInput, writeTar } from './fixtures/tar-writer.ts';
import { runTool, toolTest } from './fixtures/tool-test.ts';
import { type TarEntry, TarReader } from './tar.ts';

/** Reads an archive in pieces of some bytes. */
function read(
  bytes: Uint8Array,
  pieceSize = bytes.length || 1,
  reader = new TarReader(() => true, 1_000_000),
): TarEntry[] {
  const entries: TarEntry[] = [];
  for (let start = 0; start < bytes.length; start += pieceSize) {
    entries.push(...reader.push(bytes.subarray(start, start + pieceSize)));
  }
  reader.finish();
  return entries;
}

function textOf(entry: TarEntry | undefined): string {
  return Buffer.from(entry?.content ?? new Uint8Array()).toString();
}

const LONG = `${'folder/'.repeat(20)}file`;
const inputs: readonly TarInput[] = [
  { name: './', type: '5' },
  { name: './control', content: 'Package: demo\n' },
  { name: LONG, content: 'x'.repeat(513) },
  { name: './link', type: '2', target: 'control' },
  { name: './hard', type: '1', target: './control', declaredSize: 14 },
  { name: './empty', content: '' },
  { name: './ä b', content: 'y' },
];

describe.each(['ustar', 'gnu', 'pax'] as const)('a tar archive in %s format', (format: TarFormat) => {
  test('gives names, kinds, sizes and content', () => {
    const entries = read(writeTar(inputs, format));
    expect(entries.map(({ name, kind, size }) => [name, kind, size])).toEqual([
      ['./', 'folder', 0],
      ['./control', 'file', 14],
      [LONG, 'file', 513],
      ['./link', 'other', 0],
      ['./hard', 'other', 0],
      ['./empty', 'file', 0],
      ['./ä b', 'file', 1],
    ]);
    expect(textOf(entries[1])).toBe('Package: demo\n');
    expect(textOf(entries[2])).toBe('x'.repeat(513));
  });

  test.each([1, 7, 511, 512, 513, 4096])('gives the same in pieces of %d bytes', (pieceSize) => {
    const bytes = writeTar(inputs, format);
    expect(read(bytes, pieceSize)).toEqual(read(bytes));
  });

  test('gives content only where it is wanted', () => {
    const entries = read(writeTar(inputs, format), 512, new TarReader((name) => name === './control', 14));
    expect(entries.filter(({ content }) => content !== undefined).map(({ name }) => name)).toEqual(['./control']);
  });

  toolTest('is what GNU tar writes', ['tar'], async () => {
    using folder = new TempFolder('tar');
    await Bun.write(folder.join(LONG), 'content');
    runTool(['tar', `--format=${format}`, '-cf', 'archive.tar', './folder'], { cwd: folder.path });
    const entries = read(await Bun.file(folder.join('archive.tar')).bytes());
    expect(entries.at(-1)).toMatchObject({ name: `./${LONG}`, kind: 'file', size: 7 });
    expect(textOf(entries.at(-1))).toBe('content');
  });
});

test('sizes may be base-256 and in pax records', () => {
  const [binary] = read(writeTar([{ name: 'a', content: 'abc', binarySize: true }]));
  expect(textOf(binary)).toBe('abc');
  const [pax] = read(
    writeTar([{ name: 'a', content: 'abc', declaredSize: 0, pax: { size: '3', path: 'b', mtime: '1.5' } }], 'pax'),
  );
  expect([pax?.name, textOf(pax)]).toEqual(['b', 'abc']);
});

test('GNU tar keeps times where ustar has its prefix, and they are no part of a name', () => {
  const bytes = Buffer.from(writeTar([{ name: 'a', content: '' }], 'gnu'));
  bytes.write('15000000000', 345);
  correctChecksum(bytes);
  expect(read(bytes).map(({ name }) => name)).toEqual(['a']);
});

test('names that are not UTF-8 come with replacement characters', () => {
  const bytes = Buffer.from(writeTar([{ name: 'aXb', content: '' }]));
  bytes[1] = 0xff;
  correctChecksum(bytes);
  expect(read(bytes)[0]?.name).toBe('a\ufffdb');
});

test('what follows the first block of zeros does not count, for dpkg and tar neither', () => {
  const bytes = Buffer.concat([writeTar([{ name: 'a', content: '' }]), writeTar([{ name: 'b', content: '' }])]);
  expect(read(bytes).map(({ name }) => name)).toEqual(['a']);
});

test('an archive may end between two entries, and may be empty', () => {
  expect(read(writeTar([{ name: 'a', content: 'b' }]).subarray(0, 1024)).map(({ name }) => name)).toEqual(['a']);
  expect(read(writeTar([]))).toEqual([]);
});

describe('a tar archive is refused', () => {
  test.each([
    ['with a wrong checksum', writeTar([{ name: 'a', declaredChecksum: 1 }]), /wrong checksum/],
    ['when it is something else', Buffer.alloc(1024, 'x'), /number that is none/],
    ['when a header is cut off', writeTar([{ name: 'a' }]).subarray(0, 300), /cut off/],
    ['when content is cut off', writeTar([{ name: 'a', content: 'abc' }]).subarray(0, 600), /cut off/],
    [
      'when an entry is longer than the archive',
      writeTar([{ name: 'a', content: 'abc', declaredSize: 5000 }]),
      /cut off/,
    ],
    [
      'when a long name belongs to nothing',
      writeTar([{ name: '././@LongLink', type: 'L', content: 'abc' }]),
      /no entry/,
    ],
    [
      'when a long name ends the file',
      writeTar([{ name: 'l', type: 'L', content: 'abc' }]).subarray(0, 1024),
      /cut off/,
    ],
    [
      'when a long name is larger than a megabyte',
      writeTar([{ name: 'l', type: 'L', content: 'a'.repeat(2 ** 20 + 1) }]),
      /too long/,
    ],
    ['when an entry has two long names', twoNames(), /two long names/],
    ['with a sparse file', writeTar([{ name: 'a', type: 'S' }]), /sparse/],
    ['with a sparse file of pax', writeTar([{ name: 'a', pax: { 'GNU.sparse.name': 'b' } }], 'pax'), /sparse/],
    [
      'with a damaged pax record',
      writeTar([{ name: 'p', type: 'x', content: '99 path=a\n' }, { name: 'a' }]),
      /pax header/,
    ],
    [
      'with a pax record that is no record',
      writeTar([{ name: 'p', type: 'x', content: 'hello' }, { name: 'a' }]),
      /pax header/,
    ],
    ['with a pax size that is none', writeTar([{ name: 'a', pax: { size: '-1' } }], 'pax'), /no valid size/],
    [
      'with a link that has content',
      writeTar([{ name: 'a', type: '2', declaredSize: 512 }]),
      /link or folder has content/,
    ],
    ['with an entry without a name', writeTar([{ name: '' }]), /no name/],
    ['with a number beyond all files', hugeSize(), /too large/],
  ])('%s', (_, bytes, message) => expectRefusal(() => read(bytes), message));

  test('when wanted content is larger than allowed, before it is kept', async () => {
    const reader = new TarReader(() => true, 10);
    expect((await refusalOf(() => read(writeTar([{ name: 'a', declaredSize: 11 }]), 512, reader)))?.message).toMatch(
      /larger than 10/,
    );
  });
});

test('random and changed bytes never give anything but a PackyardError', async () => {
  const good = writeTar(inputs, 'pax');
  const changed = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = new Uint8Array(good);
    bytes[at] = byte;
    return bytes;
  });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(changed, fc.uint8Array({ maxLength: 2000 })),
      async (bytes) => void (await refusalOf(() => read(bytes))),
    ),
    { numRuns: 1000 },
  );
});

function twoNames(): Uint8Array {
  return writeTar(
    [
      { name: 'l', type: 'L', content: 'one\0' },
      { name: 'a', pax: { path: 'two' } },
    ],
    'pax',
  );
}

function hugeSize(): Uint8Array {
  const bytes = Buffer.from(writeTar([{ name: 'a', binarySize: true }]));
  bytes.fill(0xff, 125, 136);
  correctChecksum(bytes);
  return bytes;
}

/** Of the first header. */
function correctChecksum(bytes: Buffer): void {
  bytes.fill(' ', 148, 156);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
