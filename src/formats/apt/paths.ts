/** Where a distribution's files are. */
export function distributionPrefix(distribution: string): string {
  return `packages/${distribution}/`;
}

/**
 * Where a binary package lies in its repository, as artifactd laid it out: of each name, version and architecture there is one
 * in a distribution, whatever its component.
 */
export function binaryPath(distribution: string, fileName: string): string {
  return `${distributionPrefix(distribution)}${fileName.slice(0, 1)}/${fileName}`;
}

/** Each version of a source package has a folder of its own, so that deleting one takes nothing from another. */
export function sourcePath(distribution: string, source: string, version: string, fileName: string): string {
  return `${distributionPrefix(distribution)}${source.slice(0, 1)}/${source}_${version}/${fileName}`;
}

/** The distribution that a path belongs to. */
export function distributionOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** The same place in another distribution. */
export function pathIn(distribution: string, path: string): string {
  return [...path.split('/').slice(0, 1), distribution, ...path.split('/').slice(2)].join('/');
}

/** The folder that a file is in. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** As artifactd named it: with the epoch, so that two versions that differ in nothing else are two files. */
export function binaryFileName(
  { package: name, version, architecture }: { package: string; version: string; architecture: string },
  extension: 'deb' | 'udeb' | 'ddeb',
): string {
  return `${name}_${version}_${architecture}.${extension}`;
}
