import { MysqlAdapter, PostgresAdapter, type RawBuilder, sql } from 'kysely';
import type { Database } from './database.ts';
import { sqliteColumns } from './dialects/sqlite-columns.ts';
import { migrations } from './migrations/index.ts';
import { readIncomplete } from './queries/transfer-marks.ts';
import type { Queryable } from './tables.ts';

/** What there is to know of a database before it is used. */
export interface DatabaseFacts {
  /** The database system's own version. */
  readonly version: string;
  /** Milliseconds by which this machine's clock goes before the database's. */
  readonly clockDifference: number;
  /** Migrations that have been applied; none in an empty database. */
  readonly applied: readonly string[];
  /** Migrations that the next start applies. */
  readonly pending: readonly string[];
  /** Migrations of a newer Packyard. */
  readonly unknown: readonly string[];
  /** Which restore or migration has not been finished. */
  readonly incomplete: string | undefined;
}

/** Looks at a database that was opened as it is. @throws PackyardError when it does not answer */
export async function inspectDatabase({ read }: Database): Promise<DatabaseFacts> {
  const { rows } = await sql<{ version: string }>`select ${versionOf(read)} as version`.execute(read);
  const asked = Date.now();
  const time = await sql<{ clock: number }>`select ${clockOf(read)} as clock`.execute(read);
  const clock = Number(time.rows[0]?.clock);
  const applied = await listApplied(read);
  // The names are the same for all databases.
  const known = Object.keys(migrations(sqliteColumns));
  return {
    version: rows[0]?.version ?? '',
    clockDifference: Math.round((asked + Date.now()) / 2 - clock),
    applied,
    pending: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
    incomplete: applied.length > 0 ? await readIncomplete(read) : undefined,
  };
}

function versionOf(db: Queryable): RawBuilder<unknown> {
  const { adapter } = db.getExecutor();
  if (adapter instanceof PostgresAdapter) return sql`current_setting('server_version')`;
  return adapter instanceof MysqlAdapter ? sql`version()` : sql`sqlite_version()`;
}

/** Milliseconds since 1970. */
function clockOf(db: Queryable): RawBuilder<unknown> {
  const { adapter } = db.getExecutor();
  if (adapter instanceof PostgresAdapter) return sql`extract(epoch from clock_timestamp()) * 1000`;
  return adapter instanceof MysqlAdapter
    ? sql`unix_timestamp(current_timestamp(3)) * 1000`
    : sql`(julianday('now') - 2440587.5) * 86400000`;
}

async function listApplied(read: Queryable): Promise<readonly string[]> {
  const tables = await read.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(read);
  return rows.map((row) => row.name);
}
