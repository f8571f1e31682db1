import { PackyardError } from '../../model/errors.ts';
import { isPackageName, parseVersion } from './version.ts';

/** A source package that a binary package was built from; without a version, it has that of the binary package. */
export interface SourceReference {
  readonly name: string;
  readonly version: string | undefined;
}

/**
 * Reads a binary package's `Source` field, `name` or `name (version)` (Debian Policy 5.6.1).
 * @returns undefined where the field is missing or says something else: dpkg and apt do not look at it, and packages that
 * were made without Debian's tools have anything there
 */
export function parseSourceReference(text: string | undefined): SourceReference | undefined {
  const [, name, version] = /^(\S+)(?:[ \t]+\(([^()\s]+)\))?$/.exec(text ?? '') ?? [];
  if (name === undefined || !isPackageName(name)) return undefined;
  try {
    if (version !== undefined) parseVersion(version);
  } catch (error) {
    if (error instanceof PackyardError) return undefined;
    throw error;
  }
  return { name, version };
}
