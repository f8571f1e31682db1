import { invalid } from '../../model/errors.ts';
import { unwrapSigned } from './clear-signed.ts';
import { decodeText, type Field, formatParagraph, type Paragraph, parseParagraphs } from './control.ts';
import { parseFileLists } from './file-list.ts';
import { isPackageName, parseVersion } from './version.ts';

/** A file of a source package. */
export interface SourceFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal, as the other digests. */
  readonly md5?: string;
  readonly sha1?: string;
  readonly sha256: string;
}

/** What a .dsc says (dsc(5), Debian Policy 5.4). */
export interface SourcePackage {
  readonly source: string;
  readonly version: string;
  readonly section: string | undefined;
  /** Without the .dsc itself. */
  readonly files: readonly SourceFile[];
  /** In the file's order, without its lists of files. */
  readonly fields: readonly Field[];
}

/** Where a source package lies, and its description as a file. */
export interface SourcePlace {
  /** From the root of the archive, e.g. `pool/main/h/hello`. */
  readonly directory: string;
  readonly dsc: SourceFile;
}

const WHAT = 'the .dsc file';
/** The lists of files, and fields that an index adds itself. */
const NOT_OF_PACKAGE = new Set(['files', 'package', 'directory', 'status']);

/**
 * Reads the description of a source package, signed or not; see `unwrapSigned` for what is not checked.
 * @throws PackyardError `invalid_request` with the first thing that is wrong
 */
export function parseDsc(bytes: Uint8Array): SourcePackage {
  const text = unwrapSigned(decodeText(bytes, WHAT), WHAT);
  const [paragraph] = parseParagraphs(text, { source: WHAT });
  if (!paragraph) throw invalid(`${WHAT} is empty`, { hint: BUILD_AGAIN });
  required(paragraph, 'Format');
  const source = required(paragraph, 'Source');
  if (!isPackageName(source)) {
    throw invalid(`not a source package's name: ${JSON.stringify(source.slice(0, 100))}`, {
      hint: 'names have two or more of a-z, 0-9, "+", "-" and ".", and begin with a letter or digit (Debian Policy 5.6.1)',
    });
  }
  const version = required(paragraph, 'Version');
  parseVersion(version);
  const files = parseFileLists(paragraph, WHAT, 0).map(({ words: _, ...file }) => file);
  if (files.length === 0) throw invalid(`${WHAT} lists no files`, { hint: BUILD_AGAIN });
  for (const { name } of files) {
    if (!name.startsWith(`${source}_`) || name.endsWith('.dsc')) {
      throw invalid(`${JSON.stringify(name)} cannot be a file of the source package ${source}`, {
        hint: `its files are named ${source}_VERSION.orig.tar.gz and the like (dpkg-source(1))`,
      });
    }
  }
  return {
    source,
    version,
    section: paragraph.get('Section') || undefined,
    files,
    fields: paragraph.fields.filter(isOfPackage),
  };
}

/**
 * Writes a source package's paragraph of `Sources`, with a newline at its end and without the empty line behind it, as
 * `apt-ftparchive sources` does (ftparchive/writer.cc): the name becomes `Package`, and the .dsc joins the lists. A list in
 * which some file would have no digest is left out.
 */
export function sourceStanza(found: Pick<SourcePackage, 'fields' | 'files'>, { directory, dsc }: SourcePlace): string {
  const isName = ({ name }: Field): boolean => name.toLowerCase() === 'source';
  const files = [dsc, ...found.files];
  return formatParagraph([
    ...found.fields.filter(isName).map(({ value }) => ({ name: 'Package', value })),
    ...found.fields.filter((field) => !isName(field)),
    { name: 'Directory', value: directory },
    ...listField('Files', files, (file) => file.md5),
    ...listField('Checksums-Sha1', files, (file) => file.sha1),
    ...listField('Checksums-Sha256', files, (file) => file.sha256),
  ]);
}

function listField(
  name: string,
  files: readonly SourceFile[],
  digestOf: (file: SourceFile) => string | undefined,
): readonly Field[] {
  if (files.some((file) => digestOf(file) === undefined)) return [];
  return [{ name, value: files.map((file) => `\n ${digestOf(file)} ${file.size} ${file.name}`).join('') }];
}

const BUILD_AGAIN = 'build the source package again, e.g. `dpkg-source -b FOLDER`';

function required(paragraph: Paragraph, name: string): string {
  const value = paragraph.get(name);
  if (!value) throw invalid(`${WHAT} has no ${name}`, { hint: BUILD_AGAIN });
  return value;
}

function isOfPackage({ name }: Field): boolean {
  const key = name.toLowerCase();
  return !NOT_OF_PACKAGE.has(key) && !key.startsWith('checksums-');
}
