import { Digest, type DigestAlgorithm } from '../../model/digest.ts';
import { invalid, PackyardError } from '../../model/errors.ts';
import { parseSegment } from '../../model/file-name.ts';
import type { Paragraph } from './control.ts';

/** A file that a .dsc or .changes lists. */
export interface ListedFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal, as the other digests. */
  readonly md5?: string;
  readonly sha1?: string;
  readonly sha256: string;
  /** What a .changes has between size and name: section and priority. */
  readonly words: readonly string[];
}

interface Line {
  readonly name: string;
  readonly size: number;
  readonly digest: string;
  readonly words: readonly string[];
}

const MAX_FILES = 1000;

/**
 * Reads the lists of files in a paragraph (Debian Policy 5.6.21, 5.6.24). `Checksums-Sha256` has to be there; `Files` and
 * `Checksums-Sha1` have to list the same files with the same sizes, so that no reader sees others than this one.
 * @param source what the paragraph is of, for messages
 * @param extraWords how many words are between size and name in `Files`
 * @throws PackyardError `invalid_request`
 */
export function parseFileLists(paragraph: Paragraph, source: string, extraWords: number): readonly ListedFile[] {
  const sha256 = parseList(paragraph, source, 'Checksums-Sha256', 'sha256', 0);
  if (!sha256) {
    throw invalid(`${source} has no Checksums-Sha256`, {
      hint: 'it was made with a very old dpkg-dev; build the source package again, e.g. `dpkg-source -b FOLDER`',
    });
  }
  const md5 = parseList(paragraph, source, 'Files', 'md5', extraWords);
  const sha1 = parseList(paragraph, source, 'Checksums-Sha1', 'sha1', 0);
  for (const [field, list] of [['Files', md5] as const, ['Checksums-Sha1', sha1] as const]) {
    if (list) requireSame(source, field, list, sha256);
  }
  return [...sha256.values()].map(({ name, size, digest }) => {
    const [md5Line, sha1Line] = [md5?.get(name), sha1?.get(name)];
    return {
      name,
      size,
      ...(md5Line && { md5: md5Line.digest }),
      ...(sha1Line && { sha1: sha1Line.digest }),
      sha256: digest,
      words: md5Line?.words ?? [],
    };
  });
}

function parseList(
  paragraph: Paragraph,
  source: string,
  field: string,
  algorithm: DigestAlgorithm,
  extraWords: number,
): ReadonlyMap<string, Line> | undefined {
  const value = paragraph.get(field);
  if (value === undefined) return undefined;
  const [first, ...lines] = value.split('\n');
  if (first !== '')
    throw unreadable(`${source} has no valid ${field}: files are listed on the lines below it`, extraWords);
  if (lines.length > MAX_FILES) throw unreadable(`${source} lists more than ${MAX_FILES} files`, extraWords);
  const list = new Map<string, Line>();
  for (const line of lines) {
    const words = line.trim().split(/[ \t]+/);
    const [digest = '', size = ''] = words;
    const name = words.at(-1) ?? '';
    if (words.length !== 3 + extraWords || !/^[0-9]{1,15}$/.test(size)) {
      throw unreadable(
        `${source} has a line in ${field} that lists no file: ${JSON.stringify(line.slice(0, 100))}`,
        extraWords,
      );
    }
    if (list.has(name)) throw unreadable(`${source} lists ${JSON.stringify(name)} twice in ${field}`, extraWords);
    list.set(name, {
      ...checked(name, algorithm, digest, source, field),
      size: Number(size),
      words: words.slice(2, -1),
    });
  }
  return list;
}

function checked(
  name: string,
  algorithm: DigestAlgorithm,
  digest: string,
  source: string,
  field: string,
): Pick<Line, 'name' | 'digest'> {
  try {
    return { name: parseSegment(name, 'file name'), digest: Digest.fromHex(algorithm, digest).hex };
  } catch (error) {
    if (!(error instanceof PackyardError)) throw error;
    throw invalid(`${source} lists ${JSON.stringify(name.slice(0, 100))} in ${field}: ${error.message}`, {
      hint: 'files are listed by their names alone; all of them lie in the folder that the description lies in',
      cause: error,
    });
  }
}

function requireSame(
  source: string,
  field: string,
  list: ReadonlyMap<string, Line>,
  sha256: ReadonlyMap<string, Line>,
): void {
  for (const name of new Set([...list.keys(), ...sha256.keys()])) {
    const [one, other] = [list.get(name)?.size, sha256.get(name)?.size];
    if (one !== other) throw disagreement(source, field, name);
  }
}

function unreadable(message: string, extraWords: number): PackyardError {
  return invalid(message, {
    hint: `a line there is a digest, a size${extraWords > 0 ? ', a section, a priority' : ''} and a name, one for each file`,
  });
}

function disagreement(source: string, field: string, name: string): PackyardError {
  return invalid(`${source} speaks differently of ${JSON.stringify(name)} in ${field} and in Checksums-Sha256`, {
    hint: 'both must list the same files with the same sizes; make it again with dpkg-source or dpkg-genchanges',
  });
}
