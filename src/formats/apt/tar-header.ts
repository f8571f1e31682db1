import { invalid, type PackyardError } from '../../model/errors.ts';
import type { TarKind } from './tar.ts';

const CHECKSUM_START = 148;
const CHECKSUM_END = 156;
const TYPE = 156;
const HARD_LINK = '1';
// A byte order mark is part of a name.
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
/** Metadata about the entry that follows: GNU long name and long link, pax for one entry and for all. */
const EXTENSIONS = 'LKxg';
const KINDS: Readonly<Record<string, TarKind>> = {
  ...{ '0': 'file', '\0': 'file', '7': 'file' },
  '5': 'folder',
  ...{ '1': 'other', '2': 'other', '3': 'other', '4': 'other', '6': 'other' },
};

/** One header block (POSIX ustar; tar(5)). Name and size may yet be replaced by those of an extension. */
export class TarHeader {
  name: string;
  /** Bytes. */
  size: number;
  readonly type: string;

  private constructor(name: string, size: number, type: string) {
    this.name = name;
    this.size = size;
    this.type = type;
  }

  /**
   * @param block 512 bytes
   * @returns undefined for a block of zeros, the archive's end
   * @throws PackyardError `invalid_request`
   */
  static parse(block: Uint8Array): TarHeader | undefined {
    if (block[0] === 0 && block.every((byte) => byte === 0)) return undefined;
    let sum = 8 * 0x20;
    for (let index = 0; index < block.length; index++) {
      if (index < CHECKSUM_START || index >= CHECKSUM_END) sum += block[index] ?? 0;
    }
    if (parseNumber(block.subarray(CHECKSUM_START, CHECKSUM_END)) !== sum)
      throw damagedTar('a header has a wrong checksum');
    const type = String.fromCharCode(block[TYPE] ?? 0);
    // What follows its header is not described by the header; dpkg refuses it as well.
    if (type === 'S') throw damagedTar('it has a sparse file');
    const size = parseNumber(block.subarray(124, 136));
    const isLinkOrFolder = KINDS[type] === 'other' || KINDS[type] === 'folder';
    // tar and dpkg agree that nothing follows a hard link, and on nothing else.
    if (isLinkOrFolder && type !== HARD_LINK && size !== 0) throw damagedTar('a link or folder has content');
    return new TarHeader(parseName(block), isLinkOrFolder ? 0 : size, type);
  }

  get isExtension(): boolean {
    return EXTENSIONS.includes(this.type);
  }

  get kind(): TarKind {
    const kind = KINDS[this.type] ?? 'unknown';
    // How folders were written before ustar.
    return kind === 'file' && this.name.endsWith('/') ? 'folder' : kind;
  }
}

/** Only ustar has a prefix; GNU tar keeps times in its place. */
function parseName(block: Uint8Array): string {
  const name = text(block.subarray(0, 100));
  const isUstar = text(block.subarray(257, 263)) === 'ustar' && block[262] === 0;
  const prefix = isUstar ? text(block.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return UTF8.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Octal digits with blanks before and blanks or zeros behind them, or base-256 with the first bit set (GNU tar). */
function parseNumber(bytes: Uint8Array): number {
  if (((bytes[0] ?? 0) & 0x80) !== 0) {
    let value = (bytes[0] ?? 0) & 0x7f;
    for (let index = 1; index < bytes.length; index++) value = value * 256 + (bytes[index] ?? 0);
    if (!Number.isSafeInteger(value)) throw damagedTar('a header has a number that is too large');
    return value;
  }
  const digits = /^ *([0-7]*)[ \0]*$/.exec(String.fromCharCode(...bytes))?.[1];
  if (digits === undefined) throw damagedTar('a header has a number that is none');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** What is wrong with an archive, as an error. */
export function damagedTar(problem: string): PackyardError {
  return invalid(`the package's tar archive is damaged: ${problem}`, {
    hint: 'compare its checksum with the original; if it is the same, build the package again with dpkg-deb',
  });
}
