import type { Package, Repository } from '../registry/model.ts';
import type { Registry } from '../registry/registry.ts';

interface PackageQuery {
  /** Part of a name; empty for all packages. */
  readonly search: string;
  readonly after?: string;
  readonly limit: number;
}

interface FoundPackages {
  readonly packages: readonly Package[];
  /** The name after which the next page of the list begins. */
  readonly next?: string;
  /** Whether a search found more than is shown. */
  readonly more: boolean;
}

/** One page of a repository's packages by name, or those that a search finds. */
export async function findPackages(
  registry: Registry,
  repository: Repository,
  { search, after, limit }: PackageQuery,
): Promise<FoundPackages> {
  if (search !== '') {
    const { hits, more } = await registry.search({ text: search, repositories: [repository], limit });
    return { packages: hits.map((hit) => hit.package), more };
  }
  // One more than is shown tells whether there is a next page.
  const found = await registry.packages(repository, { after, limit: limit + 1 });
  const packages = found.slice(0, limit);
  return { packages, next: found.length > limit ? packages.at(-1)?.name : undefined, more: false };
}
