import { type SQLQueryBindings, Database as SqliteHandle, type Statement } from 'bun:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { PackyardError } from '../../model/errors.ts';

/** How long a writer waits for another process that holds the database's write lock, in milliseconds. */
export const LOCK_PATIENCE = 5_000;
/** A busy reader waits in the driver; this is short, because it stops the whole process meanwhile. */
const READ_BUSY_TIMEOUT = 200;

/** `snapshot` reads in one transaction, and so sees one state however long it takes. */
export type SqliteRole = 'reader' | 'writer' | 'snapshot';

/**
 * SQLite in WAL mode: one writing connection, behind a lock, whose transactions begin IMMEDIATE, and one reading connection
 * that sees every commit at once and never waits for the writer. `synchronous=FULL`: a commit is on the disk when it returns.
 */
export function openSqlite(path: string, role: SqliteRole): SqliteHandle {
  try {
    const handle = new SqliteHandle(path, { create: true, readwrite: true, strict: true });
    handle.run(`PRAGMA busy_timeout = ${LOCK_PATIENCE}`);
    handle.run('PRAGMA journal_mode = WAL');
    handle.run('PRAGMA synchronous = FULL');
    handle.run('PRAGMA foreign_keys = ON');
    handle.run(`PRAGMA busy_timeout = ${role === 'writer' ? 0 : READ_BUSY_TIMEOUT}`);
    if (role !== 'writer') handle.run('PRAGMA query_only = ON');
    return handle;
  } catch (error) {
    throw new PackyardError('unavailable', `the database ${path} cannot be opened`, {
      hint: 'check that its folder exists and is writable, and that the file is a SQLite database',
      cause: error,
    });
  }
}

/** Kysely's view of one such connection. */
export function sqliteDialect(handle: SqliteHandle, role: SqliteRole): Dialect {
  return {
    createAdapter: () => new TransactionalSqliteAdapter(),
    createDriver: () => new SqliteDriver(handle, role),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Migrations then run in one IMMEDIATE transaction: two processes that start together take turns. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class SqliteDriver implements Driver {
  readonly #connection: SqliteConnection;
  readonly #role: SqliteRole;
  #queue: Promise<void> = Promise.resolve();
  #release: () => void = () => {};
  /** When the transaction that has its turn now began to wait: time in the queue counts as patience used. */
  #arrived = 0;

  constructor(handle: SqliteHandle, role: SqliteRole) {
    this.#connection = new SqliteConnection(handle);
    this.#role = role;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#role !== 'writer') return this.#connection;
    const arrived = Date.now();
    const turn = this.#queue;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#queue = turn.then(() => promise);
    await turn;
    this.#arrived = arrived;
    this.#release = resolve;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    if (this.#role === 'writer') this.#release();
  }

  async beginTransaction(): Promise<void> {
    if (this.#role === 'snapshot') return this.#connection.run('begin');
    const deadline = this.#arrived + LOCK_PATIENCE;
    for (let pause = 1; !this.#connection.tryBeginImmediate(); pause = Math.min(pause * 2, 50)) {
      if (Date.now() > deadline) throw lockedError();
      await sleep(pause);
    }
  }

  async commitTransaction(): Promise<void> {
    this.#connection.run('commit');
  }

  async rollbackTransaction(): Promise<void> {
    // A full disk makes SQLite roll back by itself; a second rollback would hide the first error.
    if (this.#connection.inTransaction) this.#connection.run('rollback');
  }

  async destroy(): Promise<void> {
    this.#connection.close();
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #handle: SqliteHandle;
  readonly #statements = new Map<string, Statement>();

  constructor(handle: SqliteHandle) {
    this.#handle = handle;
  }

  get inTransaction(): boolean {
    return this.#handle.inTransaction;
  }

  run(sql: string): void {
    translated(() => this.#handle.run(sql));
  }

  /** Takes the write lock if it is free now. */
  tryBeginImmediate(): boolean {
    try {
      this.#handle.run('begin immediate');
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      throw error;
    }
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return translated(() => {
      const statement = this.#statement(query.sql);
      const parameters = query.parameters as SQLQueryBindings[];
      if (statement.columnNames.length > 0) return { rows: statement.all(...parameters) as R[] };
      const { changes, lastInsertRowid } = statement.run(...parameters);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    });
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    const statement = this.#handle.prepare(query.sql);
    for (const row of statement.iterate(...(query.parameters as SQLQueryBindings[]))) yield { rows: [row as R] };
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#handle.close();
  }

  #statement(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#handle.prepare(sql);
    // Query texts are few; only lists of values make new ones, and those must not gather without end.
    if (this.#statements.size < 500) this.#statements.set(sql, statement);
    return statement;
  }
}

function translated<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const code = sqliteCode(error);
    if (code?.startsWith('SQLITE_FULL') || code?.startsWith('SQLITE_IOERR')) {
      throw new PackyardError('storage_full', 'the database cannot grow: nothing was stored', {
        hint: 'free space on the volume of the data folder, then try again',
        cause: error,
      });
    }
    if (isBusy(error)) throw lockedError(error);
    throw error;
  }
}

function lockedError(cause?: unknown): PackyardError {
  return new PackyardError('unavailable', 'the database is locked by another process', {
    hint: 'a backup or an administration tool holds it; the request can be repeated',
    retryAfter: 2,
    cause,
  });
}

export function isBusy(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_BUSY') ?? false;
}

function sqliteCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
