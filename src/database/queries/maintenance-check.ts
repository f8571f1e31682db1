import { sql } from 'kysely';
import type { Queryable } from '../tables.ts';
import { STILL_THERE } from '../tables.ts';
import type { IdWindow } from './maintenance-windows.ts';

/** Rows that are shown of what may be very many. */
const SHOWN = 20;

/** Where something is, or was until it was deleted. */
export interface Place {
  /** `pypi/tools` */
  readonly repository: string;
  readonly path: string;
  /** It was deleted, and can be brought back. */
  readonly deleted: boolean;
}

export interface Places {
  readonly shown: readonly Place[];
  readonly count: number;
}

/** Every column that names a row of another table. The databases check them too; files on disks and other people's tools may not. */
const REFERENCES = [
  ['memberships', 'repository_id', 'repositories'],
  ['memberships', 'package_id', 'packages'],
  ['memberships', 'version_id', 'versions'],
  ['memberships', 'file_id', 'files'],
  ['files', 'blob_id', 'blobs'],
  ['sidecars', 'file_id', 'files'],
  ['file_references', 'file_id', 'files'],
  ['package_blobs', 'package_id', 'packages'],
  ['package_blobs', 'blob_id', 'blobs'],
  ['upload_sessions', 'repository_id', 'repositories'],
  ['upload_parts', 'session_id', 'upload_sessions'],
  ['upload_parts', 'blob_id', 'blobs'],
  ['versions', 'package_id', 'packages'],
  ['packages', 'repository_id', 'repositories'],
  ['aliases', 'package_id', 'packages'],
  ['aliases', 'repository_id', 'repositories'],
  ['revisions', 'repository_id', 'repositories'],
  ['tokens', 'user_id', 'users'],
] as const;

export interface BrokenReference {
  readonly table: string;
  readonly column: string;
  readonly refersTo: string;
  readonly count: number;
  readonly places: Places;
}

/** Rows that refer to what is not there. */
export async function findBrokenReferences(db: Queryable): Promise<readonly BrokenReference[]> {
  const found: BrokenReference[] = [];
  for (const [table, column, refersTo] of REFERENCES) {
    const broken = sql`not exists (select 1 from ${sql.table(refersTo)} parent where parent.id = ${sql.ref(`${table}.${column}`)})`;
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from ${sql.table(table)} where ${broken}`.execute(db);
    const count = Number(rows[0]?.count ?? 0);
    if (count === 0) continue;
    const of = sql`memberships.file_id in (select files.id from files where ${broken})`;
    const places =
      table === 'memberships' || table === 'files' ? await placesWhere(db, table === 'files' ? of : broken) : NOWHERE;
    found.push({ table, column, refersTo, count, places });
  }
  return found;
}

export const NOWHERE: Places = { shown: [], count: 0 };

/** Memberships whose parts do not belong together, or that end before they begin, or in a revision that never was. */
export async function findCrookedMemberships(db: Queryable): Promise<Places> {
  return placesWhere(
    db,
    sql`(
      memberships.added_in >= memberships.removed_in
      or exists (select 1 from packages where packages.id = memberships.package_id
        and packages.repository_id <> memberships.repository_id)
      or exists (select 1 from versions where versions.id = memberships.version_id
        and versions.package_id <> memberships.package_id)
      or not exists (select 1 from revisions where revisions.repository_id = memberships.repository_id
        and revisions.number = memberships.added_in)
      or (memberships.removed_in < ${sql.lit(STILL_THERE)} and not exists (
        select 1 from revisions where revisions.repository_id = memberships.repository_id
        and revisions.number = memberships.removed_in)))`,
  );
}

/** Where a blob's files are or were, and the packages that have it without a file. */
export async function findPlacesOfBlob(db: Queryable, blobId: number): Promise<Places> {
  const files = await placesWhere(
    db,
    sql`memberships.file_id in (select files.id from files where files.blob_id = ${blobId})`,
  );
  const layers = await db
    .selectFrom('package_blobs')
    .innerJoin('packages', 'packages.id', 'package_blobs.package_id')
    .innerJoin('repositories', 'repositories.id', 'packages.repository_id')
    .select(['packages.name as package', 'package_blobs.digest'])
    .select(['repositories.format', 'repositories.name', 'repositories.removed_name', 'repositories.removed_at'])
    .where('package_blobs.blob_id', '=', blobId)
    .orderBy('package_blobs.id')
    .execute();
  const places = layers.map((row) => ({
    repository: `${row.format}/${row.removed_name ?? row.name}`,
    path: `${row.package}@${row.digest}`,
    deleted: row.removed_at !== null,
  }));
  return { shown: [...files.shown, ...places].slice(0, SHOWN), count: files.count + places.length };
}

async function placesWhere(db: Queryable, condition: ReturnType<typeof sql>): Promise<Places> {
  const matching = db
    .selectFrom('memberships')
    .leftJoin('repositories', 'repositories.id', 'memberships.repository_id')
    .where(sql<boolean>`${condition}`);
  const { count } = await matching.select(({ fn }) => fn.countAll().as('count')).executeTakeFirstOrThrow();
  if (Number(count) === 0) return NOWHERE;
  const rows = await matching
    .select([
      'memberships.path',
      'memberships.removed_in',
      'repositories.format',
      'repositories.name',
      'repositories.removed_name',
      'repositories.removed_at',
    ])
    .orderBy('memberships.id', 'desc')
    .limit(SHOWN)
    .execute();
  const shown = rows.map((row) => ({
    repository: row.format === null ? '(none)' : `${row.format}/${row.removed_name ?? row.name}`,
    path: row.path,
    deleted: row.removed_in < STILL_THERE || row.removed_at !== null,
  }));
  return { shown, count: Number(count) };
}

export interface WrongCount {
  readonly repositoryId: number;
  readonly repository: string;
  /** Undefined: the repository's own count is wrong. */
  readonly package?: string;
  readonly counted: number;
  readonly noted: number;
}

/** Packages and repositories that have another number of files than their rows say. */
export async function findWrongCounts(db: Queryable): Promise<readonly WrongCount[]> {
  const present = (column: 'package_id' | 'repository_id', id: string) =>
    sql<number>`(select count(*) from memberships where ${sql.ref(`memberships.${column}`)} = ${sql.ref(id)}
      and memberships.removed_in = ${STILL_THERE})`;
  const inPackage = present('package_id', 'packages.id');
  const packages = await db
    .selectFrom('packages')
    .innerJoin('repositories', 'repositories.id', 'packages.repository_id')
    .select(['repositories.id', 'repositories.format', 'repositories.name', 'packages.name as package'])
    .select(['packages.file_count as noted', inPackage.as('counted')])
    .where('packages.file_count', '<>', inPackage)
    .execute();
  const inRepository = present('repository_id', 'repositories.id');
  const repositories = await db
    .selectFrom('repositories')
    .select(['id', 'format', 'name', 'file_count as noted', inRepository.as('counted')])
    .where('file_count', '<>', inRepository)
    .execute();
  return [...packages, ...repositories].map(({ id, format, name, noted, counted, ...rest }) => ({
    repositoryId: id,
    repository: `${format}/${name}`,
    noted: Number(noted),
    counted: Number(counted),
    ...('package' in rest ? { package: String(rest.package) } : {}),
  }));
}

/** Sets the counts of a repository that is locked, and of everything in it, to what is there. */
export async function recount(trx: Queryable, repositoryId: number, revision: number): Promise<void> {
  const inPackage = sql<number>`(select count(*) from memberships where memberships.package_id = packages.id
    and memberships.removed_in = ${STILL_THERE})`;
  await trx
    .updateTable('packages')
    .set({ file_count: inPackage, revision })
    .where('repository_id', '=', repositoryId)
    .where('file_count', '<>', inPackage)
    .execute();
  const inRepository = sql<number>`(select count(*) from memberships where memberships.repository_id = ${repositoryId}
    and memberships.removed_in = ${STILL_THERE})`;
  await trx.updateTable('repositories').set({ file_count: inRepository }).where('id', '=', repositoryId).execute();
}

/** Aliases that point at a version of which nothing is there. */
export async function findDanglingAliases(db: Queryable) {
  return db
    .selectFrom('aliases')
    .innerJoin('packages', 'packages.id', 'aliases.package_id')
    .innerJoin('repositories', 'repositories.id', 'aliases.repository_id')
    .select(['repositories.format', 'repositories.name', 'packages.name as package', 'aliases.name as alias', 'target'])
    .where('aliases.removed_in', '=', STILL_THERE)
    .where('repositories.removed_at', 'is', null)
    .where(
      sql<boolean>`not exists (
        select 1 from versions inner join memberships on memberships.version_id = versions.id
        where versions.package_id = aliases.package_id and versions.version = aliases.target
        and memberships.removed_in = ${STILL_THERE})`,
    )
    .execute();
}

/** Blobs of files that are in a repository or can be brought back, and those that packages have without a file. */
export async function listNeededBlobs(db: Queryable, window: IdWindow) {
  return db
    .selectFrom('blobs')
    .select(['id', 'sha256', 'size', 'storage_key'])
    .where('id', '>=', window.first)
    .where('id', '<=', window.last)
    .where(isNeeded)
    .orderBy('id')
    .execute();
}

/** The same for one blob: undefined when nobody needs it any more. */
export async function findNeededBlob(db: Queryable, id: number) {
  return db
    .selectFrom('blobs')
    .select(['id', 'sha256', 'size', 'storage_key'])
    .where('id', '=', id)
    .where(isNeeded)
    .executeTakeFirst();
}

const isNeeded = sql<boolean>`(exists (
  select 1 from files inner join memberships on memberships.file_id = files.id where files.blob_id = blobs.id
) or exists (select 1 from package_blobs where package_blobs.blob_id = blobs.id))`;
