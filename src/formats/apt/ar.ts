import { invalid, type PackyardError } from '../../model/errors.ts';

/** One member of an archive. */
export interface ArMember {
  /** Without the blanks and the slash that end it in the header. */
  readonly name: string;
  /** Where its content begins, in bytes from the beginning of the file. */
  readonly offset: number;
  /** Bytes of content. */
  readonly size: number;
}

/** Where archives are read from; `read` gives fewer bytes at the end. */
export interface ArSource {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

const MAGIC = '!<arch>\n';
const HEADER_SIZE = 60;
const NAME_END = 16;
const SIZE_START = 48;
const SIZE_END = 58;
const MAX_MEMBERS = 100;

/**
 * Reads the member headers of a common ar archive (deb(5), ar(5), dpkg lib/dpkg/ar.c), and no content. The members fill the
 * file to its last byte, each with the padding byte that an odd size asks for: apt and newer versions of dpkg refuse all
 * else as cut off.
 * @throws PackyardError `invalid_request` when it is no such archive, or is cut off
 */
export function readArMembers(source: ArSource): readonly ArMember[] {
  if (latin1(source.read(0, MAGIC.length)) !== MAGIC) {
    throw invalid(source.size === 0 ? 'the file is empty' : 'not a Debian package: it is not an ar archive', {
      hint: 'a .deb begins with "!<arch>"; it is made with dpkg-deb, nfpm or fpm. Was something else uploaded?',
    });
  }
  const members: ArMember[] = [];
  let position = MAGIC.length;
  while (position < source.size) {
    if (members.length === MAX_MEMBERS) throw damaged(`it has more than ${MAX_MEMBERS} members`);
    const header = source.read(position, HEADER_SIZE);
    if (header.length < HEADER_SIZE) throw cutOff(`a member's header is cut off at byte ${position}`);
    if (header[58] !== 0x60 || header[59] !== 0x0a) throw damaged(`there is no member's header at byte ${position}`);
    const name = latin1(header.subarray(0, NAME_END)).replace(/ +$/, '').replace(/\/$/, '');
    const size = parseSize(header, name);
    const offset = position + HEADER_SIZE;
    const end = offset + size + (size % 2);
    if (end > source.size)
      throw cutOff(`the member ${JSON.stringify(name)} ends ${end - source.size} bytes behind the file`);
    members.push({ name, offset, size });
    position = end;
  }
  return members;
}

/** Decimal digits and then blanks, at most ten of them, so that it is a safe integer. */
function parseSize(header: Uint8Array, name: string): number {
  const text = latin1(header.subarray(SIZE_START, SIZE_END));
  if (!/^ *[0-9]+ *$/.test(text)) throw damaged(`the member ${JSON.stringify(name)} has no size`);
  return Number(text);
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function cutOff(problem: string): PackyardError {
  return invalid(`the package is cut off: ${problem}`, {
    hint: 'compare its size and checksum with the original, then upload it again',
  });
}

function damaged(problem: string): PackyardError {
  return invalid(`the package is not a proper ar archive: ${problem}`, {
    hint: 'the file is damaged, or something changed it after it was built; build it again with dpkg-deb',
  });
}
