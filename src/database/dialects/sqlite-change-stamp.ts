import type { Database as SqliteHandle, Statement } from 'bun:sqlite';

/**
 * SQLite's `data_version`: another number after every commit by another connection, in this process or any other. It costs
 * three system calls, so it is asked once in a turn of the event loop: whoever was told of a commit before sending the
 * request that is handled now, was told before this turn began.
 */
export class SqliteChangeStamp {
  readonly #statement: Statement<{ data_version: number }, []>;
  #value: number | undefined;

  constructor(handle: SqliteHandle) {
    this.#statement = handle.prepare('PRAGMA data_version');
  }

  read(): number | undefined {
    if (this.#value === undefined) {
      this.#value = this.#ask();
      setImmediate(() => this.forget());
    }
    return this.#value;
  }

  /** Undefined when the database does not answer: whoever then asks it properly gets the proper error. */
  #ask(): number | undefined {
    try {
      return this.#statement.get()?.data_version;
    } catch {
      return undefined;
    }
  }

  /** To be called after a commit of our own, which is seen in the same turn. */
  forget(): void {
    this.#value = undefined;
  }

  close(): void {
    this.#statement.finalize();
  }
}
