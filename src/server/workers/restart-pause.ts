const FIRST = 250;
const LONGEST = 30_000;
/** Milliseconds after which a worker that ends did not end because of its start. */
const STEADY = 60_000;

/** How long to wait before a worker that ended is started again: longer each time while it does not stay up. */
export class RestartPause {
  #next = FIRST;

  /**
   * @param lived milliseconds from its start to its end
   * @returns milliseconds
   */
  after(lived: number): number {
    if (lived >= STEADY) this.#next = FIRST;
    const pause = this.#next;
    this.#next = Math.min(LONGEST, pause * 2);
    return pause;
  }
}
