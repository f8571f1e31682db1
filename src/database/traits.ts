import { MysqlAdapter, SqliteAdapter } from 'kysely';
import type { Queryable } from './tables.ts';

/** What queries must know of the database that they are for. */
interface Traits {
  /** `insert … returning`. Without it, the driver tells the new id. */
  readonly returning: boolean;
  /** `select … for update`. Without it, a transaction has the whole database for itself. */
  readonly rowLocks: boolean;
  /** `on conflict do nothing`. Without it there is `insert ignore`. */
  readonly onConflict: boolean;
}

export function traitsOf(db: Queryable): Traits {
  const { adapter } = db.getExecutor();
  const mysql = adapter instanceof MysqlAdapter;
  return { returning: !mysql, rowLocks: !(adapter instanceof SqliteAdapter), onConflict: !mysql };
}
