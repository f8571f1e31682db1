import { type RawBuilder, sql } from 'kysely';
import { inBatches } from '../in-batches.ts';
import type { Queryable } from '../tables.ts';
import { traitsOf } from '../traits.ts';
import type { PackageRow } from './packages.ts';

/** Of texts that are in very many names, only so many are put in order: the first that the database comes upon. */
const CANDIDATES = 1000;
/** Repositories that one query is about, at the most: databases limit the values in a query. */
const REPOSITORIES = 8192;
/** In repositories with no more files than this, each name is looked at faster than an index of all names. */
const FEW_FILES = 50_000;
/** Sorts after every character of a name. */
const LAST = '\u{10ffff}';

export interface NameSearch {
  /** As `searchName` makes it; not empty. */
  readonly text: string;
  readonly repositories: readonly SearchedRepository[];
  readonly limit: number;
}

interface SearchedRepository {
  readonly id: number;
  readonly fileCount: number;
}

/**
 * Packages that have files: first those that are called like the text, then those whose names begin with it, then those whose
 * names contain it, in each group by name.
 */
export async function searchPackages(db: Queryable, { text, repositories, limit }: NameSearch): Promise<PackageRow[]> {
  const found: PackageRow[] = [];
  for (const find of [findBeginning, findContaining]) {
    if (found.length >= limit) break;
    const group: PackageRow[] = [];
    for (const batch of inBatches(repositories, REPOSITORIES))
      group.push(...(await find(db, text, batch, limit - found.length)));
    found.push(...group.sort(bySearchName));
  }
  return found.slice(0, limit);
}

type Find = (
  db: Queryable,
  text: string,
  repositories: readonly SearchedRepository[],
  limit: number,
) => Promise<PackageRow[]>;

/** The text itself comes before all that begins with it. */
const findBeginning: Find = async (db, text, repositories, limit) => {
  const { rows } = await sql<PackageRow>`
    select * from packages
    where ${begins(text)} and ${among(repositories, traitsOf(db).statistics)} and file_count > 0
    order by search_name, repository_id limit ${limit}
  `.execute(db);
  return rows;
};

const findContaining: Find = async (db, text, repositories, limit) => {
  const { substrings, statistics } = traitsOf(db);
  const few = repositories.reduce((sum, { fileCount }) => sum + fileCount, 0) <= FEW_FILES;
  const inTable = substrings === 'match' && !few && [...text].length >= 3;
  // The order of a CROSS JOIN is kept: the index first.
  const source = inTable
    ? sql`packages_search_name_trigrams as trigrams cross join packages on packages.id = trigrams.rowid`
    : sql`packages`;
  const contains = inTable
    ? sql`trigrams.search_name match ${`"${text.replaceAll('"', '""')}"`}`
    : substrings === 'like'
      ? sql`packages.search_name like ${`%${text.replace(/[\\%_]/g, '\\$&')}%`}`
      : sql`instr(packages.search_name, ${text}) > 0`;
  const { rows } = await sql<PackageRow>`
    select * from (
      select packages.* from ${source}
      where ${contains} and ${among(repositories, statistics || few)} and file_count > 0 and not (${begins(text)})
      limit ${CANDIDATES}
    ) as candidates
    order by search_name, repository_id limit ${limit}
  `.execute(db);
  return rows;
};

function begins(text: string): RawBuilder<unknown> {
  return sql`packages.search_name >= ${text} and packages.search_name < ${text + LAST}`;
}

/**
 * The list is filled up to a power of two, so that there are few different query texts.
 * @param find whether rows may be found by this condition. SQLite guesses that every index finds few: the sign keeps it from
 *   reading all packages of a large repository.
 */
function among(repositories: readonly SearchedRepository[], find: boolean): RawBuilder<unknown> {
  const length = 2 ** Math.ceil(Math.log2(repositories.length));
  const ids = Array.from({ length }, (_, index) => (repositories[index] ?? repositories[0])?.id);
  return sql`${sql.raw(find ? '' : '+')}packages.repository_id in (${sql.join(ids)})`;
}

function bySearchName(left: PackageRow, right: PackageRow): number {
  return Buffer.compare(Buffer.from(left.search_name), Buffer.from(right.search_name));
}
