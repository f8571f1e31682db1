import { invalid, type PackyardError } from '../../model/errors.ts';
import { Turns } from '../../model/turns.ts';
import type { ArMember } from './ar.ts';
import { type Compression, decompress, decompressStream } from './compression.ts';
import type { RandomAccessFile } from './random-access-file.ts';
import { type TarEntry, TarReader } from './tar.ts';

const MAX_CONTROL_SIZE = 1024 * 1024;
const MAX_ARCHIVE_SIZE = 64 * 1024 * 1024;
/** What is unpacked in one go, while nobody else has a turn; nearly every control.tar there is. */
const SMALL_SIZE = 1024 * 1024;
const REBUILD = 'build the package again with dpkg-deb';
/** A decoder of xz can take 65 MiB, however small the package is: many uploads at once must not each have one. */
const xzTurns = new Turns(2);

/**
 * Takes the file `control` out of a package's control.tar, which is read to its end.
 * @param member its name has one of the endings that `Compression` knows
 * @throws PackyardError `invalid_request` when it is missing, there twice, larger than 1 MiB, or the archive larger than 64 MiB
 */
export async function readControlFile(file: RandomAccessFile, member: ArMember): Promise<Uint8Array> {
  const compression = member.name.slice('control.tar'.length) as Compression;
  const read = () => findControlFile(file, member, compression);
  return compression === '.xz' ? xzTurns.take(read) : read();
}

async function findControlFile(
  file: RandomAccessFile,
  member: ArMember,
  compression: Compression,
): Promise<Uint8Array> {
  const reader = new TarReader(isControl, MAX_CONTROL_SIZE);
  const whole =
    member.size <= SMALL_SIZE
      ? await decompress(file.read(member.offset, member.size), compression, SMALL_SIZE)
      : undefined;
  const pieces = whole ? [whole] : decompressStream(file.reader(member.offset, member.size), compression);
  let found: Uint8Array | undefined;
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > MAX_ARCHIVE_SIZE) throw tooLarge();
    for (const entry of reader.push(piece)) {
      if (!isControlInAnySpelling(entry.name)) continue;
      checkEntry(entry);
      if (found) throw invalid('the package has two control files', { hint: REBUILD });
      found = entry.content;
    }
  }
  reader.finish();
  if (!found) throw invalid('the package has no control file', { hint: `${REBUILD}; it makes one of DEBIAN/control` });
  return found;
}

function isControl(name: string): boolean {
  return name === './control' || name === 'control';
}

/** As tar unpacks it: `/control` and `.//control` are the same file. */
function isControlInAnySpelling(name: string): boolean {
  return isControl(name) || /^[./]*\/control\/*$/.test(name);
}

function checkEntry(entry: TarEntry): void {
  if (!isControl(entry.name))
    throw invalid(`the control file is named ${JSON.stringify(entry.name)}`, { hint: REBUILD });
  if (entry.kind !== 'file') throw invalid('the control file is not a regular file', { hint: REBUILD });
}

function tooLarge(): PackyardError {
  return invalid(`the package's control.tar unpacks to more than ${MAX_ARCHIVE_SIZE} bytes`, {
    hint: 'no real package does; it may be made to fill the memory of whoever unpacks it',
  });
}
