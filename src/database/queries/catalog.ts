import type { Queryable } from '../tables.ts';

export interface CatalogPage {
  /** Only what comes after this package of this repository, which need not be there. */
  readonly after?: { readonly repository: string; readonly package: string };
  readonly limit: number;
}

export interface CatalogEntry {
  readonly repository: string;
  readonly visibility: string;
  readonly package: string;
}

/**
 * Packages that have files or bytes of their own, of all repositories of a format, by repository and name: that is how the indexes lie, so a page
 * costs the same wherever it begins.
 */
export async function listCatalog(db: Queryable, format: string, page: CatalogPage): Promise<readonly CatalogEntry[]> {
  const { after, limit } = page;
  const rest = after ? await listOf(db, format, { limit, repository: after.repository, above: after.package }) : [];
  if (rest.length >= limit) return rest;
  return [...rest, ...(await listOf(db, format, { limit: limit - rest.length, beyond: after?.repository ?? '' }))];
}

async function listOf(
  db: Queryable,
  format: string,
  { limit, repository, above = '', beyond }: { limit: number; repository?: string; above?: string; beyond?: string },
): Promise<readonly CatalogEntry[]> {
  let query = db
    .selectFrom('repositories')
    .innerJoin('packages', 'packages.repository_id', 'repositories.id')
    .select(['repositories.name as repository', 'repositories.visibility', 'packages.name as package'])
    .where('repositories.format', '=', format)
    .where('repositories.removed_at', 'is', null)
    .where((row) =>
      row.or([
        row('packages.file_count', '>', 0),
        row.exists(
          row.selectFrom('package_blobs').select('id').whereRef('package_blobs.package_id', '=', 'packages.id'),
        ),
      ]),
    )
    .orderBy('repositories.name')
    .orderBy('packages.name')
    .limit(limit);
  if (repository !== undefined)
    query = query.where('repositories.name', '=', repository).where('packages.name', '>', above);
  if (beyond !== undefined) query = query.where('repositories.name', '>', beyond);
  return query.execute();
}
