import { canonicalVersion, isProjectName, normalizeName } from './version.ts';

/** What kind of archive, in the words of the upload API's `filetype` field. */
export type FileType = 'bdist_wheel' | 'sdist' | 'bdist_egg';

/** What a distribution's file name says. */
export interface ParsedFileName {
  readonly fileType: FileType;
  /** As written in the file name. */
  readonly name: string;
  /** PEP 440's normal form. */
  readonly version: string;
  /** The wheel's Python tag (`py3`, `cp311`), an egg's `3.5`, or `source`: what Warehouse calls `python_version`. */
  readonly pythonTag: string;
  /** The one spelling that every name of the same file comes down to. */
  readonly canonical: string;
}

/** Extensions with their kinds; the longest name that file systems take is checked before, by `parseSegment`. */
const EXTENSIONS: readonly (readonly [string, FileType])[] = [
  ['.whl', 'bdist_wheel'],
  ['.tar.gz', 'sdist'],
  ['.zip', 'sdist'],
  ['.egg', 'bdist_egg'],
];

/** The kind of distribution that a file of this name is, or undefined. */
export function fileTypeOf(fileName: string): FileType | undefined {
  return EXTENSIONS.find(([extension]) => fileName.endsWith(extension))?.[1];
}

/**
 * Reads a distribution's file name: wheels as the binary distribution format has it, sdists as PEP 625 and its more
 * generous forerunners, eggs as setuptools writes them.
 * @param project the project it must belong to, in any spelling. An old sdist's name can be split in more than one
 *   way (`a-1-2.tar.gz`); without this the first split that makes sense is taken
 * @returns undefined when the name has another form, or belongs to another project
 */
export function parseFileName(fileName: string, project?: string): ParsedFileName | undefined {
  const found = EXTENSIONS.find(([extension]) => fileName.endsWith(extension));
  if (!found) return undefined;
  const [extension, fileType] = found;
  const stem = fileName.slice(0, -extension.length);
  const wanted = project === undefined ? undefined : normalizeName(project);
  switch (fileType) {
    case 'bdist_wheel':
      return parseWheelStem(stem, wanted);
    case 'bdist_egg':
      return parseEggStem(stem, wanted);
    case 'sdist':
      return parseSdistStem(stem, extension, wanted);
  }
}

/** `{name}-{version}[-{build}]-{python}-{abi}-{platform}`; tags that are sets are the same in any order. */
function parseWheelStem(stem: string, wanted: string | undefined): ParsedFileName | undefined {
  const parts = stem.split('-');
  if (parts.length !== 5 && parts.length !== 6) return undefined;
  const [name = '', versionText = '', ...rest] = parts;
  const [python = '', abi = '', platform = ''] = rest.slice(-3);
  const build = rest.length === 4 ? rest[0] : undefined;
  const version = checked(name, versionText, wanted);
  if (version === undefined || !isTagSet(python) || !isTagSet(abi) || !isTagSet(platform)) return undefined;
  if (build !== undefined && !/^[0-9][A-Za-z0-9_.]*$/.test(build)) return undefined;
  const tags = [python, abi, platform].map(canonicalTags);
  const canonical = [underscored(name), version, ...(build === undefined ? [] : [build]), ...tags].join('-');
  return { fileType: 'bdist_wheel', name, version, pythonTag: python, canonical: `${canonical}.whl` };
}

/** `{name}-{version}-py{python}[-{platform}]` */
function parseEggStem(stem: string, wanted: string | undefined): ParsedFileName | undefined {
  const match = /^([^-]+)-([^-]+)-py([0-9]+(?:\.[0-9]+)*)(-[A-Za-z0-9_.-]+)?$/.exec(stem);
  if (!match) return undefined;
  const [, name = '', versionText = '', pythonTag = '', platform = ''] = match;
  const version = checked(name, versionText, wanted);
  if (version === undefined) return undefined;
  const canonical = `${underscored(name)}-${version}-py${pythonTag}${platform}.egg`;
  return { fileType: 'bdist_egg', name, version, pythonTag, canonical };
}

/** `{name}-{version}`, where older tools left dashes in either part. */
function parseSdistStem(stem: string, extension: string, wanted: string | undefined): ParsedFileName | undefined {
  for (let dash = stem.indexOf('-'); dash > 0; dash = stem.indexOf('-', dash + 1)) {
    const name = stem.slice(0, dash);
    const version = checked(name, stem.slice(dash + 1), wanted);
    if (version === undefined) continue;
    const canonical = `${underscored(name)}-${version}${extension}`;
    return { fileType: 'sdist', name, version, pythonTag: 'source', canonical };
  }
  return undefined;
}

function checked(name: string, version: string, wanted: string | undefined): string | undefined {
  if (!isProjectName(name) || version.trim() !== version) return undefined;
  if (wanted !== undefined && normalizeName(name) !== wanted) return undefined;
  return canonicalVersion(version);
}

function underscored(name: string): string {
  return normalizeName(name).replaceAll('-', '_');
}

function isTagSet(text: string): boolean {
  return /^[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*$/.test(text);
}

function canonicalTags(text: string): string {
  return [...new Set(text.toLowerCase().split('.'))].sort().join('.');
}
