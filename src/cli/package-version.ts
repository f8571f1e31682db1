import { UsageError } from './usage-error.ts';

export interface PackageVersion {
  readonly package: string;
  readonly version: string;
}

/**
 * Reads `package@version`. The last `@` counts, because a package's name can begin with one.
 * @throws UsageError
 */
export function parsePackageVersion(text: string): PackageVersion {
  const at = text.lastIndexOf('@');
  if (at < 1 || at === text.length - 1) {
    throw new UsageError(
      `not a package and version: ${JSON.stringify(text)}`,
      'write PACKAGE@VERSION, e.g. tool@1.2.0',
    );
  }
  return { package: text.slice(0, at), version: text.slice(at + 1) };
}
