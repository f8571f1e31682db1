import { invalid, type PackyardError } from '../../model/errors.ts';
import { type Field, formatParagraph, type Paragraph, parseParagraphs } from './control.ts';
import { readControlFile } from './control-archive.ts';
import { findDebMembers } from './deb-members.ts';
import { RandomAccessFile } from './random-access-file.ts';
import { parseSourceReference } from './source-reference.ts';
import { isArchitecture, isPackageName, parseVersion } from './version.ts';

/** What a .deb, .udeb or .ddeb says of itself. */
export interface BinaryPackage {
  readonly package: string;
  readonly version: string;
  readonly architecture: string;
  /** From `Source: name (version)`; else package and version themselves. */
  readonly source: { readonly name: string; readonly version: string };
  readonly section: string | undefined;
  /** The control paragraph, its fields in the file's order, ending with one newline, without empty lines. */
  readonly control: string;
}

/** Fields that an index adds itself (Debian's repository format, "Packages"); dpkg does not mind them in a package. */
const INDEX_FIELDS = new Set(['filename', 'size', 'md5sum', 'sha1', 'sha256', 'sha512', 'description-md5']);

/**
 * Reads a Debian binary package (deb(5)) as far as its control file, checks that it is whole, and refuses what dpkg would
 * not unpack, or would read differently than apt does.
 * @param path where the bytes lie
 * @throws PackyardError `invalid_request` with the first thing that is wrong
 */
export async function parseDeb(path: string): Promise<BinaryPackage> {
  using file = RandomAccessFile.open(path);
  const { control } = findDebMembers(file);
  const [paragraph] = parseParagraphs(await readControlFile(file, control), { source: 'the control file' });
  if (!paragraph) throw invalid('the control file is empty', { hint: BUILD_AGAIN });
  return describePackage(paragraph);
}

function describePackage(paragraph: Paragraph): BinaryPackage {
  const name = required(paragraph, 'Package');
  if (!isPackageName(name)) {
    throw invalid(`not a package's name: ${JSON.stringify(name.slice(0, 100))}`, {
      hint: 'names have two or more of a-z, 0-9, "+", "-" and ".", and begin with a letter or digit (Debian Policy 5.6.7)',
    });
  }
  const version = required(paragraph, 'Version');
  parseVersion(version);
  const architecture = required(paragraph, 'Architecture');
  if (!isArchitecture(architecture)) {
    throw invalid(`not an architecture: ${JSON.stringify(architecture.slice(0, 100))}`, {
      hint: 'a package is for one architecture such as amd64, or for all; `dpkg --print-architecture` says which one is yours',
    });
  }
  if (paragraph.get('Status') !== undefined) {
    throw invalid('the control file has the field Status, with which dpkg refuses to install a package', {
      hint: "it was taken from dpkg's own database; leave the field out and build the package again, e.g. with dpkg-repack",
    });
  }
  return {
    package: name,
    version,
    architecture,
    source: sourceOf(paragraph, name, version),
    section: paragraph.get('Section') || undefined,
    control: formatParagraph(paragraph.fields.filter(isOfPackage)),
  };
}

function sourceOf(paragraph: Paragraph, name: string, version: string): BinaryPackage['source'] {
  const source = parseSourceReference(paragraph.get('Source'));
  return { name: source?.name ?? name, version: source?.version ?? version };
}

const BUILD_AGAIN =
  'correct DEBIAN/control and build the package again, e.g. `dpkg-deb --build --root-owner-group FOLDER`';

function required(paragraph: Paragraph, name: string): string {
  const value = paragraph.get(name);
  if (!value) throw missing(name);
  return value;
}

function missing(name: string): PackyardError {
  return invalid(`the control file has no ${name}`, { hint: BUILD_AGAIN });
}

function isOfPackage(field: Field): boolean {
  return !INDEX_FIELDS.has(field.name.toLowerCase());
}
