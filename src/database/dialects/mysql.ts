import { CompiledQuery, type DatabaseConnection, MysqlDialect } from 'kysely';
import { createPool, type PoolOptions } from 'mysql2';
import { createConnection } from 'mysql2/promise';
import type { Database } from '../database.ts';
import type { MigrateOptions } from '../migrate.ts';
import { type ErrorCodes, errorGuard } from './error-guard.ts';
import { type Guard, guardedDialect } from './guarded-dialect.ts';
import { mysqlColumns } from './mysql-columns.ts';
import { mysqlOptions } from './mysql-options.ts';
import { openPooledDatabase } from './pooled-database.ts';

/** Connections that one process opens at the most, for reading and for writing each. */
const CONNECTIONS = 8;

/** READ COMMITTED as on PostgreSQL; a value that does not fit is an error; a lock is waited for like there. */
const SESSION = [
  'set session transaction isolation level read committed',
  "set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
  'set session innodb_lock_wait_timeout = 10',
];

/** MariaDB 10.6 or MySQL 8, or newer. */
export async function openMysqlDatabase(url: string, migration?: MigrateOptions): Promise<Database> {
  const options = mysqlOptions(url);
  const place = `mysql://${options.host}:${options.port}/${options.database}`;
  const guard = errorGuard(place, CODES);
  const dialect = (connectionLimit: number) =>
    guardedDialect(
      new MysqlDialect({
        pool: async () => openPool({ ...options, connectionLimit }),
        onCreateConnection: prepareSession,
      }),
      guard,
    );
  return openPooledDatabase({
    description: place,
    read: dialect(CONNECTIONS),
    write: dialect(CONNECTIONS),
    long: dialect(2),
    columns: mysqlColumns(await byteCollation(options, guard)),
    snapshotIsolation: 'repeatable read',
    migration,
  });
}

function openPool(options: PoolOptions) {
  const pool = createPool(options);
  // A query on a connection that broke fails by itself; one that breaks between two queries must not end the process.
  pool.on('connection', (connection) => connection.on('error', () => {}));
  return pool;
}

async function prepareSession(connection: DatabaseConnection): Promise<void> {
  for (const statement of SESSION) await connection.executeQuery(CompiledQuery.raw(statement));
}

/** The collation in which text is its bytes, trailing spaces included: each of the two systems has its own name for it. */
async function byteCollation(options: PoolOptions, guard: Guard): Promise<string> {
  try {
    const connection = await createConnection(options);
    try {
      const [rows] = await connection.query('select version() as version');
      return JSON.stringify(rows).includes('MariaDB') ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
    } finally {
      await connection.end();
    }
  } catch (error) {
    throw guard.translate(error);
  }
}

/** Names of MySQL's and MariaDB's error reference, and of the driver. */
const CODES: ErrorCodes = {
  conflict: /^ER_(LOCK_DEADLOCK|DUP_ENTRY|NO_REFERENCED_ROW_2|ROW_IS_REFERENCED_2|CHECKREAD)$/,
  lost: /^(PROTOCOL_CONNECTION_LOST|PROTOCOL_SEQUENCE_TIMEOUT|ER_(SERVER_SHUTDOWN|CON_COUNT_ERROR|TOO_MANY_USER_CONNECTIONS|CONNECTION_KILLED|NORMAL_SHUTDOWN|NET_READ_ERROR.*|NET_ERROR_ON_WRITE|NET_WRITE_INTERRUPTED))$/,
  lostMessage: /connection is in closed state|Connection lost|after fatal error/i,
  unstorable: /^ER_(DATA_TOO_LONG|TRUNCATED_WRONG_VALUE_FOR_FIELD|INVALID_CHARACTER_STRING|WARN_DATA_OUT_OF_RANGE)$/,
  full: /^ER_(DISK_FULL|RECORD_FILE_FULL)$/,
  tooLarge: /^ER_NET_PACKET_TOO_LARGE$/,
  busy: /^ER_(LOCK_WAIT_TIMEOUT|OPTION_PREVENTS_STATEMENT|QUERY_INTERRUPTED|OUTOFMEMORY|OUT_OF_RESOURCES)$/,
  refused:
    /^ER_(ACCESS_DENIED_ERROR|DBACCESS_DENIED_ERROR|BAD_DB_ERROR|TABLEACCESS_DENIED_ERROR|NOT_SUPPORTED_AUTH_MODE)$/,
};
