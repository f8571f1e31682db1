import { invalid, type PackyardError } from '../../model/errors.ts';
import { unwrapSigned } from './clear-signed.ts';
import { decodeText, type Paragraph, parseParagraphs } from './control.ts';
import { type ListedFile, parseFileLists } from './file-list.ts';
import { parseSourceReference } from './source-reference.ts';
import { isArchitecture, isPackageName, parseVersion } from './version.ts';

/** A file of an upload. */
export interface ChangesFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** As the file says, e.g. `net` or `contrib/net`. */
  readonly section: string | undefined;
  /** What is before the section's slash, e.g. `contrib`. */
  readonly component: string | undefined;
}

/** What a .changes file says (deb-changes(5), Debian Policy 5.5). */
export interface Changes {
  readonly source: string;
  readonly version: string;
  /** Mostly one. */
  readonly distributions: readonly string[];
  /** Names of binary packages; empty for an upload of nothing but source. */
  readonly binaries: readonly string[];
  /** `source` among them where there is a source package. */
  readonly architectures: readonly string[];
  readonly files: readonly ChangesFile[];
}

const WHAT = 'the .changes file';

/**
 * Reads the description of an upload, signed or not; see `unwrapSigned` for what is not checked.
 * @throws PackyardError `invalid_request` with the first thing that is wrong
 */
export function parseChanges(bytes: Uint8Array): Changes {
  const text = unwrapSigned(decodeText(bytes, WHAT), WHAT);
  const [paragraph] = parseParagraphs(text, { source: WHAT });
  if (!paragraph) throw invalid(`${WHAT} is empty`, { hint: BUILD_AGAIN });
  required(paragraph, 'Format');
  const source = parseSourceReference(required(paragraph, 'Source'));
  if (!source) throw invalid(`${WHAT} has no valid Source`, { hint: BUILD_AGAIN });
  const version = required(paragraph, 'Version');
  parseVersion(version);
  required(paragraph, 'Files');
  const binaries = words(paragraph.get('Binary'));
  const notName = binaries.find((name) => !isPackageName(name));
  if (notName !== undefined) throw wrongWord('Binary', notName);
  const architectures = words(required(paragraph, 'Architecture'));
  const notArchitecture = architectures.find((name) => name !== 'source' && !isArchitecture(name));
  if (notArchitecture !== undefined) throw wrongWord('Architecture', notArchitecture);
  return {
    source: source.name,
    version,
    distributions: words(required(paragraph, 'Distribution')),
    binaries,
    architectures,
    files: parseFileLists(paragraph, WHAT, 2).map(describeFile),
  };
}

function describeFile({ name, size, sha256, words: [word] }: ListedFile): ChangesFile {
  const section = word === '-' ? undefined : word;
  const slash = section?.indexOf('/') ?? -1;
  return { name, size, sha256, section, component: slash > 0 ? section?.slice(0, slash) : undefined };
}

const BUILD_AGAIN = 'make it again, e.g. `dpkg-genchanges > NAME.changes` or `dpkg-buildpackage`';

function required(paragraph: Paragraph, name: string): string {
  const value = paragraph.get(name);
  if (!value) throw invalid(`${WHAT} has no ${name}`, { hint: BUILD_AGAIN });
  return value;
}

function words(value: string | undefined): readonly string[] {
  return value?.split(/[ \t\n]+/).filter((word) => word !== '') ?? [];
}

function wrongWord(field: string, word: string): PackyardError {
  return invalid(`${WHAT} has ${JSON.stringify(word.slice(0, 100))} in ${field}`, { hint: BUILD_AGAIN });
}
