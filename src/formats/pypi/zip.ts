import { type FileHandle, open } from 'node:fs/promises';
import { crc32, inflateRawSync } from 'node:zlib';
import { invalid, type PackyardError } from '../../model/errors.ts';
import { locateDirectory, parseDirectory, TAIL_SIZE, type ZipMember } from './zip-directory.ts';

/** More entries than any real wheel; a bound on the work that one upload can ask for. */
export const MAX_ENTRIES = 100_000;
const MAX_DIRECTORY_SIZE = 64 * 1024 * 1024;
const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_SIZE = 30;
const HAS_DATA_DESCRIPTOR = 0x0008;
const IS_ENCRYPTED = 0x2041;
const WINDOW_SIZE = 64 * 1024;
/** What deflate adds at most to data that it cannot make smaller, generously. */
const INCOMPRESSIBLE_EXTRA = 64 * 1024;

/**
 * A zip archive on disk, opened so that there is one reading of it: the central directory and the local headers agree,
 * the members lie one behind the other from the first byte to the directory, and no name occurs twice.
 * Installers read archives from either end; files that look different to them are an attack, not a package.
 *
 * Hand-written because those checks need both kinds of headers in bulk: one read for the directory, and windows of
 * 64 KiB for the local headers, instead of several reads for every entry.
 */
export class ZipArchive {
  readonly #file: FileHandle;
  readonly members: ReadonlyMap<string, ZipMember>;

  private constructor(file: FileHandle, members: readonly ZipMember[]) {
    this.#file = file;
    this.members = new Map(members.map((member) => [member.name, member]));
  }

  /**
   * Opens an archive, hands it to `use`, and closes it whatever happens.
   * @throws PackyardError `invalid_request` when it is not a whole and unambiguous zip archive
   */
  static async use<Result>(path: string, use: (archive: ZipArchive) => Promise<Result>): Promise<Result> {
    const file = await open(path, 'r');
    try {
      return await use(new ZipArchive(file, await readMembers(file)));
    } finally {
      await file.close();
    }
  }

  /**
   * Reads one member whole.
   * @param maxSize bytes; refused by its header, and again by what really comes out of it
   * @throws PackyardError `invalid_request` when it is missing, too large, or not what its header says
   */
  async read(name: string, maxSize: number): Promise<Uint8Array<ArrayBuffer>> {
    const member = this.members.get(name);
    if (!member) throw invalid(`the archive has no ${name}`);
    if (member.size > maxSize || member.compressedSize > maxSize + INCOMPRESSIBLE_EXTRA) {
      throw invalid(`${name} is larger than ${maxSize} bytes`);
    }
    const header = await readAt(this.#file, member.offset, LOCAL_HEADER_SIZE);
    const start = member.offset + LOCAL_HEADER_SIZE + header.readUInt16LE(26) + header.readUInt16LE(28);
    const content = decompress(member, await readAt(this.#file, start, member.compressedSize), maxSize);
    if (content.length !== member.size) throw invalid(`${name} is not as long as the archive says`);
    if (crc32(content) !== member.crc32) throw invalid(`${name} is damaged: its checksum is wrong`);
    return content;
  }
}

function decompress(member: ZipMember, raw: Buffer, maxSize: number): Uint8Array<ArrayBuffer> {
  if (member.method === 0) return new Uint8Array(raw);
  if (member.method !== 8) throw invalid(`${member.name} is compressed in a way that is not supported`);
  try {
    return new Uint8Array(inflateRawSync(raw, { maxOutputLength: Math.max(1, Math.min(maxSize, member.size)) }));
  } catch (error) {
    if (error instanceof RangeError) {
      throw invalid(`${member.name} is longer than the archive says`, { cause: error });
    }
    throw invalid(`${member.name} is damaged: it cannot be decompressed`, { cause: error });
  }
}

async function readMembers(file: FileHandle): Promise<readonly ZipMember[]> {
  const { size } = await file.stat();
  const tailSize = Math.min(TAIL_SIZE, size);
  const directory = locateDirectory(await readAt(file, size - tailSize, tailSize), size);
  if (directory.count > MAX_ENTRIES || directory.size > MAX_DIRECTORY_SIZE) {
    throw invalid(`the archive holds more than ${MAX_ENTRIES} files`);
  }
  const members = parseDirectory(await readAt(file, directory.offset, directory.size), directory.count);
  await checkLocalHeaders(file, members, directory.offset);
  return members;
}

/** The members must fill the file from its beginning to `end` without gap or overlap, and repeat what the directory says. */
async function checkLocalHeaders(file: FileHandle, members: readonly ZipMember[], end: number): Promise<void> {
  const window = new ReadWindow(file, end);
  const inOrder = [...members].sort((left, right) => left.offset - right.offset);
  let expected: readonly number[] = [0];
  for (const member of inOrder) {
    if (!expected.includes(member.offset)) throw gap();
    const rawName = Buffer.from(member.name);
    const header = await window.read(member.offset, LOCAL_HEADER_SIZE + rawName.length);
    const nameLength = header.readUInt16LE(26);
    const agrees =
      header.readUInt32LE(0) === LOCAL_HEADER &&
      header.readUInt16LE(8) === member.method &&
      nameLength === rawName.length &&
      header.subarray(LOCAL_HEADER_SIZE).equals(rawName);
    if (!agrees) throw invalid(`the archive describes ${JSON.stringify(member.name)} in two ways`);
    if (member.flags & IS_ENCRYPTED) throw invalid('the archive is encrypted');
    const dataEnd = member.offset + LOCAL_HEADER_SIZE + nameLength + header.readUInt16LE(28) + member.compressedSize;
    // APPNOTE 4.3.9: a data descriptor has 12 to 24 bytes, with or without signature, with short or long sizes.
    const descriptors = header.readUInt16LE(6) & HAS_DATA_DESCRIPTOR ? [12, 16, 20, 24] : [0];
    if (!(header.readUInt16LE(6) & HAS_DATA_DESCRIPTOR)) checkLocalSizes(header, member);
    expected = descriptors.map((length) => dataEnd + length);
  }
  if (!expected.includes(end)) throw gap();
}

function checkLocalSizes(header: Buffer, member: ZipMember): void {
  const differs = (local: number, central: number) => local !== central && local !== 0xffffffff;
  if (differs(header.readUInt32LE(18), member.compressedSize) || differs(header.readUInt32LE(22), member.size)) {
    throw invalid(`the archive gives two sizes for ${JSON.stringify(member.name)}`);
  }
}

function gap(): PackyardError {
  return invalid('not a proper zip archive: its files overlap or have unlisted bytes between them', {
    hint: 'build it again with a standard tool, e.g. `python -m build`',
  });
}

/** Small reads that go forward, out of a few large ones. */
class ReadWindow {
  readonly #file: FileHandle;
  readonly #end: number;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(file: FileHandle, end: number) {
    this.#file = file;
    this.#end = end;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    if (offset + length > this.#end) throw gap();
    if (offset < this.#start || offset + length > this.#start + this.#bytes.length) {
      this.#bytes = await readAt(this.#file, offset, Math.min(Math.max(WINDOW_SIZE, length), this.#end - offset));
      this.#start = offset;
    }
    return this.#bytes.subarray(offset - this.#start, offset - this.#start + length);
  }
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) throw invalid('the archive is cut off');
    done += bytesRead;
  }
  return buffer;
}
