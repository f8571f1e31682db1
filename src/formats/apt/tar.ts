import { invalid } from '../../model/errors.ts';
import { damagedTar, TarHeader } from './tar-header.ts';

/** One entry of a tar archive. */
export interface TarEntry {
  /** As the archive has it, e.g. `./control`; bytes that are not UTF-8 become U+FFFD. */
  readonly name: string;
  readonly kind: TarKind;
  /** Bytes of content. */
  readonly size: number;
  /** The content, where it was wanted. */
  readonly content: Uint8Array | undefined;
}

/** `unknown` is what neither dpkg nor GNU tar unpacks. */
export type TarKind = 'file' | 'folder' | 'other' | 'unknown';

const BLOCK = 512;
/** apt has the same limit for long names (extracttar.cc). */
const MAX_EXTENSION_SIZE = 1024 * 1024;
// A byte order mark is part of a name.
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads a tar archive as it arrives: ustar (with prefixes), GNU long names and base-256 numbers, pax `path` and `size`. Nothing
 * is kept but the content that was asked for, so that archives may be of any size. The end is the first block of zeros, as
 * for dpkg (lib/dpkg/tarfn.c) and GNU tar, or the end of the file between two entries.
 */
export class TarReader {
  readonly #wants: (name: string) => boolean;
  readonly #maxContentSize: number;
  readonly #header = new Uint8Array(BLOCK);
  #headerLength = 0;
  /** The entry whose content is being read. */
  #current: TarHeader | undefined;
  /** Where its wanted content is gathered. */
  #content: Uint8Array | undefined;
  /** Bytes of its content that are still to come, and of the padding behind it. */
  #contentLeft = 0;
  #paddingLeft = 0;
  #isEnded = false;
  #longName: string | undefined;
  #paxName: string | undefined;
  #paxSize: number | undefined;

  /**
   * @param wants which entries' content is given
   * @param maxContentSize bytes that one of them may have
   */
  constructor(wants: (name: string) => boolean = () => false, maxContentSize = 0) {
    this.#wants = wants;
    this.#maxContentSize = maxContentSize;
  }

  /**
   * Takes the next bytes and gives the entries that are complete with them.
   * @throws PackyardError `invalid_request` when it is not a proper tar archive
   */
  *push(chunk: Uint8Array): Generator<TarEntry> {
    let position = 0;
    while (position < chunk.length && !this.#isEnded) {
      if (this.#current) {
        position = this.#takeContent(chunk, position);
        if (this.#contentLeft === 0 && this.#paddingLeft === 0) yield* this.#finishEntry(this.#current);
        continue;
      }
      const count = Math.min(BLOCK - this.#headerLength, chunk.length - position);
      this.#header.set(chunk.subarray(position, position + count), this.#headerLength);
      this.#headerLength += count;
      position += count;
      if (this.#headerLength === BLOCK) yield* this.#startEntry();
    }
  }

  /** Says that no more bytes come. @throws PackyardError `invalid_request` when an entry is cut off */
  finish(): void {
    const isBetween = this.#headerLength === 0 && !this.#current && !this.#hasExtension;
    if (!this.#isEnded && !isBetween) throw damagedTar('it is cut off');
  }

  get #hasExtension(): boolean {
    return this.#longName !== undefined || this.#paxName !== undefined || this.#paxSize !== undefined;
  }

  *#startEntry(): Generator<TarEntry> {
    this.#headerLength = 0;
    const header = TarHeader.parse(this.#header);
    if (!header) {
      if (this.#hasExtension) throw damagedTar('a long name has no entry');
      this.#isEnded = true;
      return;
    }
    if (!header.isExtension && this.#hasExtension) {
      if (this.#longName !== undefined && this.#paxName !== undefined && this.#longName !== this.#paxName) {
        throw damagedTar('an entry has two long names');
      }
      header.name = this.#longName ?? this.#paxName ?? header.name;
      header.size = this.#paxSize ?? header.size;
      this.#longName = this.#paxName = this.#paxSize = undefined;
    }
    if (header.isExtension && header.size > MAX_EXTENSION_SIZE) throw damagedTar('a long name is too long');
    if (header.name === '') throw damagedTar('an entry has no name');
    this.#content = this.#contentFor(header);
    this.#current = header;
    this.#contentLeft = header.size;
    this.#paddingLeft = (BLOCK - (header.size % BLOCK)) % BLOCK;
    if (this.#contentLeft === 0) yield* this.#finishEntry(header);
  }

  #contentFor(header: TarHeader): Uint8Array | undefined {
    if (header.isExtension) return new Uint8Array(header.size);
    if (!this.#wants(header.name)) return undefined;
    if (header.size > this.#maxContentSize) {
      throw invalid(`${header.name} is larger than ${this.#maxContentSize} bytes`, {
        hint: 'no real package has such a file; build the package again with dpkg-deb',
      });
    }
    return new Uint8Array(header.size);
  }

  #takeContent(chunk: Uint8Array, position: number): number {
    const content = Math.min(this.#contentLeft, chunk.length - position);
    if (this.#content) {
      this.#content.set(chunk.subarray(position, position + content), this.#content.length - this.#contentLeft);
    }
    this.#contentLeft -= content;
    const padding = Math.min(this.#paddingLeft, chunk.length - position - content);
    this.#paddingLeft -= padding;
    return position + content + padding;
  }

  *#finishEntry(header: TarHeader): Generator<TarEntry> {
    const content = this.#content;
    this.#current = this.#content = undefined;
    if (!header.isExtension) {
      yield { name: header.name, kind: header.kind, size: header.size, content };
    } else if (header.type === 'L') {
      this.#longName = UTF8.decode(content).replace(/\0.*$/s, '');
    } else if (header.type === 'x') {
      const records = parsePax(content ?? new Uint8Array());
      this.#paxName = records.get('path') ?? this.#paxName;
      const size = records.get('size');
      if (size !== undefined) this.#paxSize = parsePaxSize(size);
    }
  }
}

/** Records of the form `length key=value\n` (POSIX pax, "pax Extended Header"); the length counts itself. */
function parsePax(bytes: Uint8Array): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  let position = 0;
  while (position < bytes.length) {
    const blank = bytes.indexOf(0x20, position);
    const digits = UTF8.decode(bytes.subarray(position, Math.max(position, Math.min(blank, position + 10))));
    const end = position + Number(digits);
    if (!/^[1-9][0-9]*$/.test(digits) || end <= blank || end > bytes.length || bytes[end - 1] !== 0x0a) {
      throw damagedTar('a pax header is damaged');
    }
    const record = UTF8.decode(bytes.subarray(blank + 1, end - 1));
    const equals = record.indexOf('=');
    if (equals < 1) throw damagedTar('a pax header is damaged');
    // A sparse file's content and name are elsewhere than other readers look.
    if (record.startsWith('GNU.sparse.')) throw damagedTar('it has a sparse file');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    position = end;
  }
  return records;
}

function parsePaxSize(text: string): number {
  const size = Number(text);
  if (!/^[0-9]{1,16}$/.test(text) || !Number.isSafeInteger(size)) throw damagedTar('a pax header has no valid size');
  return size;
}
