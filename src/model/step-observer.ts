/** Watches long work: named steps one after another, each with counters. */
export interface StepObserver {
  /**
   * A step begins.
   * @param name what is done, as a person reads it: `check files`
   * @param total how many things there are to do, where that is known
   */
  begin(name: string, total?: number): void;
  /** So many more things are done, and so many bytes were moved or read for them. */
  advance(count: number, bytes?: number): void;
  /** The step is done. */
  end(): void;
}

/** Watches nothing. */
export const UNWATCHED: StepObserver = { begin: () => {}, advance: () => {}, end: () => {} };
