import type { Format } from '../formats/format.ts';
import { PackyardError } from '../model/errors.ts';
import type { Package } from '../registry/model.ts';
import type { Registry } from '../registry/registry.ts';
import type { OpenRepository } from './open-repository.ts';

interface PackageSearch {
  /** How the name begins; empty for all. */
  readonly search: string;
  readonly after?: string;
  readonly limit: number;
}

interface PackagePage {
  readonly packages: readonly Package[];
  /** The name after which the next page begins. */
  readonly next?: string;
}

/**
 * One page of packages. Names that begin with the search text follow one another and the text itself, so a search is
 * the same walk over the names as a list.
 */
export async function findPackages(
  registry: Registry,
  { format, repository }: OpenRepository,
  { search, after, limit }: PackageSearch,
): Promise<PackagePage> {
  const prefix = search === '' ? '' : normalizePrefix(format, search);
  const exact = prefix !== '' && after === undefined ? await registry.package(repository, prefix) : undefined;
  const following = await registry.packages(repository, { after: after ?? prefix, limit: limit + 1 });
  const matching = [...(exact ? [exact] : []), ...following].filter(({ name }) => name.startsWith(prefix));
  const packages = matching.slice(0, limit);
  return { packages, next: matching.length > limit ? packages.at(-1)?.name : undefined };
}

/** The beginning of a name need not be a name. */
function normalizePrefix(format: Format, text: string): string {
  try {
    return format.normalizeName(text);
  } catch (error) {
    if (error instanceof PackyardError) return text;
    throw error;
  }
}
