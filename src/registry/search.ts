import { searchPackages } from '../database/queries/search.ts';
import type { Queryable } from '../database/tables.ts';
import { searchName } from '../model/search-name.ts';
import type { Package, Repository } from './model.ts';
import { toPackage } from './rows.ts';

export interface Search {
  /** Part of a name, in any spelling; not empty. */
  readonly text: string;
  /** Where to look: only what the caller may read. */
  readonly repositories: readonly Repository[];
  readonly limit: number;
}

export interface SearchResult {
  /** First what is called like the text, then what begins with it, then what contains it, each by name. */
  readonly hits: readonly SearchHit[];
  /** Whether there are more than the limit. */
  readonly more: boolean;
}

export interface SearchHit {
  readonly repository: Repository;
  readonly package: Package;
}

/** Finds packages by their names, in several repositories at once. */
export async function search(db: Queryable, { text, repositories, limit }: Search): Promise<SearchResult> {
  const byId = new Map(repositories.map((repository) => [repository.id, repository]));
  // One more than asked for tells whether there are more.
  const rows = await searchPackages(db, { text: searchName(text), repositories, limit: limit + 1 });
  const hits = rows.flatMap((row) => {
    const repository = byId.get(row.repository_id);
    return repository ? [{ repository, package: toPackage(row) }] : [];
  });
  // Where several names differ only in dashes and case, the one that was typed comes first.
  const isExact = (hit: SearchHit): number => Number(hit.package.name === text);
  hits.sort((left, right) => isExact(right) - isExact(left));
  return { hits: hits.slice(0, limit), more: hits.length > limit };
}
