import { MysqlAdapter, PostgresAdapter, SqliteAdapter } from 'kysely';
import type { Queryable } from './tables.ts';

/** What queries must know of the database that they are for. */
interface Traits {
  /** `insert … returning`. Without it, the driver tells the new id. */
  readonly returning: boolean;
  /** `select … for update`. Without it, a transaction has the whole database for itself. */
  readonly rowLocks: boolean;
  /** `on conflict do nothing`. Without it there is `insert ignore`. */
  readonly onConflict: boolean;
  /** Whether it knows how many rows have which values, and chooses indexes by that. */
  readonly statistics: boolean;
  /** Rows are numbered by sequences beside the tables, which do not notice rows that bring their numbers along. */
  readonly sequences: boolean;
  /** What finds a text in the middle of names with an index: `like`, or `match` on a table of trigrams. Without one, `instr`. */
  readonly substrings: 'like' | 'match' | undefined;
}

export function traitsOf(db: Queryable): Traits {
  const { adapter } = db.getExecutor();
  const mysql = adapter instanceof MysqlAdapter;
  const sqlite = adapter instanceof SqliteAdapter;
  const postgres = adapter instanceof PostgresAdapter;
  return {
    returning: !mysql,
    rowLocks: !sqlite,
    onConflict: !mysql,
    statistics: !sqlite,
    sequences: postgres,
    substrings: sqlite ? 'match' : postgres ? 'like' : undefined,
  };
}
