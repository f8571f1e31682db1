import type { Kysely, Transaction } from 'kysely';
import { invalid } from '../model/errors.ts';
import type { MigrateOptions } from './migrate.ts';
import type { Tables } from './tables.ts';

export interface WriteOptions {
  /**
   * The work may run again after it has been committed: then it finds what it did and changes nothing. Such work is repeated
   * also when the connection broke before the database could say whether the commit went through.
   */
  readonly repeatable?: boolean;
}

/** The metadata: reads see every commit, writes are transactions. Dialect differences end here. */
export interface Database {
  /** Which database, without secrets, for logs. */
  readonly description: string;
  /** Whether processes on other machines can use the same one. */
  readonly shared: boolean;
  /** For reading, outside transactions. */
  readonly read: Kysely<Tables>;
  /**
   * Runs a transaction: all of it or, when `work` throws, nothing. Durable when the promise is fulfilled. `work` may run
   * several times (a deadlock, a lost connection), so it must do nothing but talk to the database.
   */
  write<T>(work: (trx: Transaction<Tables>) => Promise<T>, options?: WriteOptions): Promise<T>;
  /** Reads many things as they were at one moment, for as long as it takes; nobody has to wait for it. */
  snapshot<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T>;
  /**
   * A number that changes with every commit by anyone, cheap enough to ask at each request: what was read under one stamp
   * is still true while the stamp is the same. Undefined where the database has no such thing: then nothing may be kept.
   */
  changeStamp(): number | undefined;
  /**
   * The same where the database has to be asked for it: one question answers all who ask at the same time. Present only where
   * there is no `changeStamp`.
   */
  askChangeStamp?(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** The drivers, each loaded only when it is used. */
const DIALECTS: Readonly<Record<string, () => Promise<(url: string, options?: MigrateOptions) => Promise<Database>>>> =
  {
    sqlite: async () => (await import('./dialects/sqlite.ts')).openSqliteDatabase,
    postgres: async () => (await import('./dialects/postgres.ts')).openPostgresDatabase,
    mysql: async () => (await import('./dialects/mysql.ts')).openMysqlDatabase,
  };

/**
 * Opens the database that a URL names (`sqlite:<path>`, `postgres://…`, `mysql://…`) and brings its tables up to date.
 * @throws PackyardError `unavailable` when it cannot be opened or was written by a newer version
 */
export async function openDatabase(url: string, options?: MigrateOptions): Promise<Database> {
  const scheme = url.slice(0, Math.max(0, url.indexOf(':')));
  const load = Object.hasOwn(DIALECTS, scheme) ? DIALECTS[scheme] : undefined;
  if (!load)
    throw invalid(`no database driver for ${JSON.stringify(scheme)}`, { hint: 'use sqlite:, postgres:// or mysql://' });
  return (await load())(url, options);
}
