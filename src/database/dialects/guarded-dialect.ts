import { setTimeout as sleep } from 'node:timers/promises';
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult, TransactionSettings } from 'kysely';

export interface Guard {
  /** The driver's error as ours. */
  translate(error: unknown): Error;
  /** Whether the connection is gone, so that another one may do better. */
  isLost(error: unknown): boolean;
}

/** How long a reader looks for another connection when its own is gone, in milliseconds. */
const READ_PATIENCE = 5_000;

/**
 * Wraps a dialect of Kysely's: errors leave it as ours, and a query outside a transaction whose connection is gone is asked
 * again on another one, for a while: a database that restarts is away for a second or two.
 */
export function guardedDialect(dialect: Dialect, guard: Guard): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createDriver: () => new GuardedDriver(dialect.createDriver(), guard),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

class GuardedDriver implements Driver {
  readonly #inner: Driver;
  readonly #guard: Guard;

  constructor(inner: Driver, guard: Guard) {
    this.#inner = inner;
    this.#guard = guard;
  }

  init(): Promise<void> {
    return this.#inner.init();
  }

  /** Nothing is fetched from the pool yet: the first query or transaction does. */
  async acquireConnection(): Promise<DatabaseConnection> {
    return new GuardedConnection(this.#inner, this.#guard);
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    await guarded(connection).begin(settings);
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await guarded(connection).end((inner) => this.#inner.commitTransaction(inner));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // Where the connection is gone, the database has rolled back by itself; what failed before is what counts.
    await guarded(connection)
      .end((inner) => this.#inner.rollbackTransaction(inner))
      .catch(() => {});
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    await guarded(connection).release();
  }

  destroy(): Promise<void> {
    return this.#inner.destroy();
  }
}

class GuardedConnection implements DatabaseConnection {
  readonly #driver: Driver;
  readonly #guard: Guard;
  #inTransaction = false;
  inner: DatabaseConnection | undefined;

  constructor(driver: Driver, guard: Guard) {
    this.#driver = driver;
    this.#guard = guard;
  }

  async begin(settings: TransactionSettings): Promise<void> {
    await this.#run((inner) => this.#driver.beginTransaction(inner, settings));
    this.#inTransaction = true;
  }

  async end(finish: (inner: DatabaseConnection) => Promise<void>): Promise<void> {
    this.#inTransaction = false;
    const { inner } = this;
    if (inner) await this.#translated(() => finish(inner));
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#run((inner) => inner.executeQuery<R>(query));
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize?: number): AsyncIterableIterator<QueryResult<R>> {
    this.inner ??= await this.#translated(() => this.#driver.acquireConnection());
    yield* this.inner.streamQuery<R>(query, chunkSize);
  }

  async release(): Promise<void> {
    const { inner } = this;
    this.inner = undefined;
    if (inner) await this.#driver.releaseConnection(inner);
  }

  async #run<T>(work: (inner: DatabaseConnection) => Promise<T>): Promise<T> {
    const giveUp = performance.now() + READ_PATIENCE;
    for (let pause = 50; ; pause = Math.min(pause * 2, 500)) {
      try {
        this.inner ??= await this.#driver.acquireConnection();
        return await work(this.inner);
      } catch (error) {
        const again = !this.#inTransaction && this.#guard.isLost(error) && performance.now() < giveUp;
        if (!again) throw this.#guard.translate(error);
        await this.release();
        await sleep(pause);
      }
    }
  }

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#guard.translate(error);
    }
  }
}

function guarded(connection: DatabaseConnection): GuardedConnection {
  if (connection instanceof GuardedConnection) return connection;
  throw new Error('a connection of another driver');
}
