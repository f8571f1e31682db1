import { UsageError } from './usage-error.ts';

export interface PackageVersion {
  readonly package: string;
  readonly version: string;
}

/** A package, or one version of it. */
export interface PackageOrVersion {
  readonly package: string;
  readonly version?: string;
}

/**
 * Reads `package@version`. The last `@` counts, because a package's name can begin with one.
 * @throws UsageError
 */
export function parsePackageVersion(text: string): PackageVersion {
  const { package: name, version } = parsePackageOrVersion(text);
  if (version !== undefined) return { package: name, version };
  throw new UsageError(`not a package and version: ${JSON.stringify(text)}`, 'write PACKAGE@VERSION, e.g. tool@1.2.0');
}

/**
 * Reads `package` or `package@version`.
 * @throws UsageError
 */
export function parsePackageOrVersion(text: string): PackageOrVersion {
  const at = text.lastIndexOf('@');
  if (text === '' || at === text.length - 1)
    throw new UsageError(
      `not a package, nor a version of one: ${JSON.stringify(text)}`,
      'write PACKAGE or PACKAGE@VERSION, e.g. tool@1.2.0',
    );
  return at < 1 ? { package: text } : { package: text.slice(0, at), version: text.slice(at + 1) };
}
