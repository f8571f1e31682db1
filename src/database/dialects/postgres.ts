import { type Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Database } from '../database.ts';
import type { MigrateOptions } from '../migrate.ts';
import type { Tables } from '../tables.ts';
import { type ErrorCodes, errorGuard } from './error-guard.ts';
import { guardedDialect } from './guarded-dialect.ts';
import { openPooledDatabase } from './pooled-database.ts';
import { postgresColumns } from './postgres-columns.ts';

/** Connections that one process opens at the most, for reading and for writing each. */
const CONNECTIONS = 8;
/** Milliseconds. */
const CONNECT_TIMEOUT = 5_000;
const STATEMENT_TIMEOUT = 60_000;
const LOCK_TIMEOUT = 10_000;

/** PostgreSQL 13 or newer, at READ COMMITTED: a change locks its repository's row first, so what it reads then is the newest. */
export async function openPostgresDatabase(url: string, migration?: MigrateOptions): Promise<Database> {
  const place = describe(url);
  const guard = errorGuard(place, CODES);
  const dialect = (options: pg.PoolConfig) =>
    guardedDialect(new PostgresDialect({ pool: () => createPool(url, options) }), guard);
  const short = { statement_timeout: STATEMENT_TIMEOUT, lock_timeout: LOCK_TIMEOUT, max: CONNECTIONS };
  return openPooledDatabase({
    description: place,
    read: dialect(short),
    write: dialect(short),
    long: dialect({ max: 2 }),
    columns: postgresColumns,
    snapshotIsolation: 'repeatable read',
    migration,
    changeStamp: currentSnapshot,
  });
}

/**
 * Which transactions are visible: the first that is not, the next to come, and those under way. Two questions with the same
 * answer see the same data, and whatever writes changes it.
 */
async function currentSnapshot(db: Kysely<Tables>): Promise<string> {
  const { rows } = await sql<{ snapshot: string }>`select pg_current_snapshot()::text as snapshot`.execute(db);
  return rows[0]?.snapshot ?? '';
}

async function createPool(url: string, options: pg.PoolConfig): Promise<pg.Pool> {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'packyard',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    types: { getTypeParser },
    ...options,
  });
  // A connection that breaks is replaced at the next use, and a query on it fails by itself. Without listeners, one that
  // breaks between two queries would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** `int8` and `numeric` (a sum of them) come as text, since they could be too large for a number; ours never are. */
const getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 || oid === pg.types.builtins.NUMERIC
    ? (text: string) => Number(text)
    : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser;

function describe(url: string): string {
  const { host, pathname } = new URL(url);
  return `postgres://${host || 'localhost'}${pathname}`;
}

/** Those of PostgreSQL's appendix A. */
const CODES: ErrorCodes = {
  conflict: /^(40001|40P01|23505|23503)$/,
  lost: /^(08...|53300|57P0[1-5])$/,
  lostMessage:
    /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/,
  unstorable: /^(22021|22001|22P05)$/,
  full: /^53100$/,
  busy: /^(55P03|57014|53200|25006)$/,
  refused: /^(28|3D000|42501)/,
};
