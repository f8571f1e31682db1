import { invalid } from '../../model/errors.ts';
import { parseSegment } from '../../model/file-name.ts';

/** Names a version that moves: never the name of a real one. */
export const LATEST = 'latest';

export interface Address {
  readonly package: string;
  readonly version: string;
  readonly file: string;
}

/** Checks the three parts of a file's address. @throws PackyardError `invalid_request` */
export function parseAddress(address: Address): Address {
  const version = parseSegment(address.version, 'version');
  if (version === LATEST) {
    throw invalid(`${LATEST} is not a version`, {
      hint: 'upload under a real version; latest points at the newest one',
    });
  }
  return {
    package: parseSegment(address.package, 'package name'),
    version,
    file: parseSegment(address.file, 'file name'),
  };
}

/** Where a file lies in its repository. */
export function pathOf({ package: name, version, file }: Address): string {
  return `${name}/${version}/${file}`;
}

/** What a name such as `cpython-3.8.0b1.tar.gz` says of package and version, if it says it. */
export function guessNameAndVersion(fileName: string): { readonly name: string; readonly version: string } | undefined {
  const stem = fileName.replace(/\.(tar\.[a-z0-9]+|[a-z][a-z0-9]{0,9})$/i, '');
  // A version has no blanks, so it is looked for in the last word alone; a name has at least one character.
  const lastWord = stem.split(/[\s/]/).at(-1) ?? '';
  const from = Math.max(1, stem.length - lastWord.length);
  const border = stem.slice(from).search(/[-_]v?\d/);
  if (border < 0) return undefined;
  return { name: stem.slice(0, from + border), version: stem.slice(from + border + 1).replace(/^v/, '') };
}

/**
 * Where a file that artifactd stored may lie, by its name `<name>-<version>.tar.gz` alone: name and version can both
 * contain dashes, so every one of them may be the border.
 */
export function possibleTarPaths(fileName: string): string[] {
  if (!fileName.endsWith('.tar.gz')) return [];
  const stem = fileName.slice(0, -'.tar.gz'.length);
  const dashes = [...stem.matchAll(/-/g)].map((match) => match.index).filter((at) => at > 0 && at < stem.length - 1);
  return dashes.map((at) => pathOf({ package: stem.slice(0, at), version: stem.slice(at + 1), file: fileName }));
}
