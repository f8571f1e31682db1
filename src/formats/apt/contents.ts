import { invalid } from '../../model/errors.ts';
import { decompressStream, isCompression } from './compression.ts';
import { findDebMembers } from './deb-members.ts';
import { RandomAccessFile } from './random-access-file.ts';
import { TarReader } from './tar.ts';

/** Bounds on the work that one package can ask for; the largest known has a twentieth of it. */
export interface ContentsLimits {
  readonly maxEntries?: number;
  /** Bytes of data.tar. */
  readonly maxUnpackedSize?: number;
}

const MAX_ENTRIES = 2_000_000;
const MAX_UNPACKED_SIZE = 64 * 1024 ** 3;
/** In an index with one name a line they would make two lines of one. */
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Lists the files of a Debian package, in the package's order, as `apt-ftparchive contents` does: without folders, and without
 * `./` or `/` in front. Names with control characters are left out. Memory does not grow with the package.
 * @param path where the bytes of the .deb lie
 * @param signal ends the listing with its reason
 * @throws PackyardError `invalid_request` when the package is damaged, holds too much, or has a data.tar.lzma
 */
export async function* listContents(
  path: string,
  signal?: AbortSignal,
  { maxEntries = MAX_ENTRIES, maxUnpackedSize = MAX_UNPACKED_SIZE }: ContentsLimits = {},
): AsyncGenerator<string> {
  using file = RandomAccessFile.open(path);
  const { data } = findDebMembers(file);
  const compression = data.name.slice('data.tar'.length);
  if (!isCompression(compression)) {
    throw invalid(`the files in ${data.name} cannot be listed`, {
      hint: 'the package works, but is not in Contents; unpack and build it again with dpkg-deb to have it there',
    });
  }
  const reader = new TarReader();
  let size = 0;
  let entries = 0;
  for await (const piece of decompressStream(file.reader(data.offset, data.size), compression)) {
    signal?.throwIfAborted();
    size += piece.length;
    if (size > maxUnpackedSize) throw tooMuch(`unpacks to more than ${maxUnpackedSize} bytes`);
    for (const { name, kind } of reader.push(piece)) {
      entries++;
      if (entries > maxEntries) throw tooMuch(`holds more than ${maxEntries} files`);
      const isListed = kind === 'file' || kind === 'other';
      if (isListed && !CONTROL_CHARACTER.test(name)) yield name.replace(/^(?:\.?\/)+/, '');
    }
  }
  reader.finish();
}

function tooMuch(problem: string): Error {
  return invalid(`the package ${problem}`, {
    hint: 'it is installed as ever, but its files are not listed in Contents',
  });
}
