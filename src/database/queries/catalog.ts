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

type RepositoryRow = Awaited<ReturnType<typeof listRepositoriesAfter>>[number];

/** Files that repositories have together whose packages are asked for in one question. */
const TOGETHER = 5000;

/**
 * Packages that have files or bytes of their own, of all repositories of a format, by repository and name. First the
 * repositories, then their packages: asked for both at once, PostgreSQL and MariaDB join all there are and sort them.
 */
export async function listCatalog(db: Queryable, format: string, page: CatalogPage): Promise<readonly CatalogEntry[]> {
  const { after, limit } = page;
  const found: CatalogEntry[] = [];
  for (let beyond = after?.repository ?? '', isFirst = after !== undefined; found.length < limit; isFirst = false) {
    const wanted = limit - found.length;
    const rows = await listRepositoriesAfter(db, format, beyond, isFirst, wanted);
    for (const some of groups(rows)) {
      const [first] = some;
      const above = isFirst && first?.name === after?.repository ? (after?.package ?? '') : '';
      found.push(...(await listPackagesOf(db, some, above, limit - found.length)));
      if (found.length >= limit) break;
    }
    const last = rows.at(-1);
    if (!last || rows.length < wanted) break;
    beyond = last.name;
  }
  return found.slice(0, limit);
}

function listRepositoriesAfter(db: Queryable, format: string, name: string, orThisOne: boolean, limit: number) {
  return db
    .selectFrom('repositories')
    .select(['id', 'name', 'visibility', 'file_count'])
    .where('format', '=', format)
    .where('name', orThisOne ? '>=' : '>', name)
    .where('removed_at', 'is', null)
    .orderBy('name')
    .limit(limit)
    .execute();
}

/** Small repositories together, each large one, and the one that a page begins in, alone. */
function* groups(rows: readonly RepositoryRow[]): Generator<readonly RepositoryRow[]> {
  let group: RepositoryRow[] = [];
  let files = 0;
  for (const [index, row] of rows.entries()) {
    if (group.length > 0 && (index === 1 || files + row.file_count > TOGETHER)) {
      yield group;
      group = [];
      files = 0;
    }
    group.push(row);
    files += row.file_count;
  }
  if (group.length > 0) yield group;
}

async function listPackagesOf(
  db: Queryable,
  repositories: readonly RepositoryRow[],
  above: string,
  limit: number,
): Promise<readonly CatalogEntry[]> {
  const [only] = repositories;
  const packages = db
    .selectFrom('packages')
    .select(['repository_id', 'name'])
    .where((row) => row.or([row('file_count', '>', 0), row('has_blobs', '=', 1)]))
    .orderBy('name');
  const rows = await (only && repositories.length === 1
    ? packages.where('repository_id', '=', only.id).where('name', '>', above).limit(limit)
    : packages.where(
        'repository_id',
        'in',
        repositories.map(({ id }) => id),
      )
  ).execute();
  const byRepository = Map.groupBy(rows, (row) => row.repository_id);
  return repositories.flatMap(({ id, name, visibility }) =>
    (byRepository.get(id) ?? []).map((row) => ({ repository: name, visibility, package: row.name })),
  );
}
