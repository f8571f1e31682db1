import { invalid } from '../../model/errors.ts';

/** One file of a zip archive, as the central directory describes it. */
export interface ZipMember {
  readonly name: string;
  readonly flags: number;
  /** 0 stored, 8 deflated; whoever reads a member refuses the others. */
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly offset: number;
}

/** Where the central directory lies and how much it holds. */
export interface DirectoryLocation {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

const END = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
const END_SIZE = 22;
const ZIP64_LOCATOR = 0x07064b50;
const ZIP64_LOCATOR_SIZE = 20;
const ZIP64_END = 0x06064b50;
const ZIP64_END_SIZE = 56;
const CENTRAL_HEADER = 0x02014b50;
const CENTRAL_HEADER_SIZE = 46;
const ZIP64_EXTRA = 0x0001;
const UNICODE_PATH_EXTRA = 0x7075;
const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;

/** How many bytes at a file's end `locateDirectory` may need. */
export const TAIL_SIZE = END_SIZE + MAX_16 + ZIP64_LOCATOR_SIZE + ZIP64_END_SIZE;

/**
 * Finds the central directory (APPNOTE 4.3.14 to 4.3.16). Stricter than the format: the directory ends where the end
 * record begins, and nothing follows the comment. Readers that search differently then still see the same archive.
 * @param tail the last bytes of the file, `TAIL_SIZE` of them or all
 * @param fileSize bytes
 * @throws PackyardError `invalid_request`
 */
export function locateDirectory(tail: Buffer, fileSize: number): DirectoryLocation {
  const end = tail.lastIndexOf(END);
  if (end < 0 || end + END_SIZE > tail.length) {
    throw invalid('not a whole zip archive: its end record is missing', {
      hint: 'the file is cut off, or is not a zip archive; build it again',
    });
  }
  if (end + END_SIZE + tail.readUInt16LE(end + 20) !== tail.length) {
    throw invalid('not a proper zip archive: there are bytes behind its end');
  }
  const count = tail.readUInt16LE(end + 10);
  const size = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  if (tail.readUInt16LE(end + 4) !== 0 || tail.readUInt16LE(end + 6) !== 0 || tail.readUInt16LE(end + 8) !== count) {
    throw invalid('zip archives in several parts are not supported');
  }
  const locator = end - ZIP64_LOCATOR_SIZE;
  const isZip64 = locator >= 0 && tail.readUInt32LE(locator) === ZIP64_LOCATOR;
  if (!isZip64) return checkPlace({ offset, size, count }, fileSize - tail.length + end);

  const record = locator - ZIP64_END_SIZE;
  const recordPlace = fileSize - tail.length + record;
  const isRecord = record >= 0 && tail.readUInt32LE(record) === ZIP64_END;
  if (!isRecord || Number(tail.readBigUInt64LE(locator + 8)) !== recordPlace) {
    throw invalid('not a proper zip archive: its zip64 end record is not where it should be');
  }
  const long = {
    count: Number(tail.readBigUInt64LE(record + 32)),
    size: Number(tail.readBigUInt64LE(record + 40)),
    offset: Number(tail.readBigUInt64LE(record + 48)),
  };
  const agrees = (short: number, value: number, limit: number) => short === limit || short === value;
  if (!agrees(count, long.count, MAX_16) || !agrees(size, long.size, MAX_32) || !agrees(offset, long.offset, MAX_32)) {
    throw invalid('not a proper zip archive: its two end records contradict each other');
  }
  return checkPlace(long, recordPlace);
}

function checkPlace(location: DirectoryLocation, end: number): DirectoryLocation {
  if (location.offset + location.size !== end) {
    throw invalid('not a proper zip archive: its directory is not where the end record says');
  }
  return location;
}

/**
 * Reads the central directory (APPNOTE 4.3.12) and refuses names that mean different files to different readers:
 * duplicates, absolute names, `..`, backslashes, control characters, a second name in an extra field.
 * @throws PackyardError `invalid_request`
 */
export function parseDirectory(bytes: Buffer, count: number): readonly ZipMember[] {
  const members: ZipMember[] = [];
  const names = new Set<string>();
  let position = 0;
  for (let index = 0; index < count; index++) {
    if (position + CENTRAL_HEADER_SIZE > bytes.length || bytes.readUInt32LE(position) !== CENTRAL_HEADER) {
      throw invalid('not a proper zip archive: its directory is damaged');
    }
    const nameEnd = position + CENTRAL_HEADER_SIZE + bytes.readUInt16LE(position + 28);
    const extraEnd = nameEnd + bytes.readUInt16LE(position + 30);
    const end = extraEnd + bytes.readUInt16LE(position + 32);
    if (end > bytes.length) throw invalid('not a proper zip archive: its directory is damaged');
    const rawName = bytes.subarray(position + CENTRAL_HEADER_SIZE, nameEnd);
    const name = checkName(rawName);
    // A folder and a file of one name cannot both be unpacked.
    const identity = name.replace(/\/$/, '');
    if (names.has(identity)) throw invalid(`the archive holds ${JSON.stringify(name)} twice`);
    names.add(identity);
    members.push(withExtras(bytes, position, name, rawName, bytes.subarray(nameEnd, extraEnd)));
    position = end;
  }
  if (position !== bytes.length) throw invalid('not a proper zip archive: its directory holds more than it says');
  return members;
}

function withExtras(bytes: Buffer, at: number, name: string, rawName: Buffer, extras: Buffer): ZipMember {
  let size = bytes.readUInt32LE(at + 24);
  let compressedSize = bytes.readUInt32LE(at + 20);
  let offset = bytes.readUInt32LE(at + 42);
  let zip64: Buffer | undefined;
  // Fewer than four bytes at the end are padding that some writers leave.
  for (let position = 0; position + 4 <= extras.length; ) {
    const id = extras.readUInt16LE(position);
    const end = position + 4 + extras.readUInt16LE(position + 2);
    if (end > extras.length) throw invalid(`the archive's entry for ${JSON.stringify(name)} is damaged`);
    const data = extras.subarray(position + 4, end);
    if (id === ZIP64_EXTRA) {
      if (zip64) throw invalid(`the archive gives two sizes for ${JSON.stringify(name)}`);
      zip64 = data;
    }
    if (id === UNICODE_PATH_EXTRA && !data.subarray(5).equals(rawName)) {
      throw invalid(`the archive gives two names for ${JSON.stringify(name)}`);
    }
    position = end;
  }
  let field = 0;
  const long = (): number => {
    if (!zip64 || field + 8 > zip64.length)
      throw invalid(`the archive does not say how long ${JSON.stringify(name)} is`);
    field += 8;
    return Number(zip64.readBigUInt64LE(field - 8));
  };
  if (size === MAX_32) size = long();
  if (compressedSize === MAX_32) compressedSize = long();
  if (offset === MAX_32) offset = long();
  return {
    name,
    flags: bytes.readUInt16LE(at + 8),
    method: bytes.readUInt16LE(at + 10),
    crc32: bytes.readUInt32LE(at + 16),
    compressedSize,
    size,
    offset,
  };
}

// A byte order mark is part of the name: dropping it would give two names one spelling.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function checkName(raw: Buffer): string {
  let name: string;
  try {
    name = UTF8.decode(raw);
  } catch (error) {
    throw invalid('a file name in the archive is not UTF-8', { cause: error });
  }
  const problem = nameProblem(name);
  if (problem) throw invalid(`the archive has a file name that ${problem}: ${JSON.stringify(name.slice(0, 200))}`);
  return name;
}

/** What is wrong with a path inside an archive, or undefined. A slash at the end marks a folder. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (/[\u0000-\u001f\u007f]/.test(name)) return 'contains a control character';
  if (name.includes('\\')) return 'contains a backslash';
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return 'is absolute';
  const segments = name.replace(/\/$/, '').split('/');
  if (segments.includes('..')) return 'points outside of the archive';
  if (segments.includes('') || segments.includes('.')) return 'has more than one spelling';
  return undefined;
}
