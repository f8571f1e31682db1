/** Questions to another process, each with a number that its answer carries, and nobody waiting for ever. */
export class PendingAnswers<Answer> {
  readonly #patience: number;
  readonly #waiting = new Map<number, (answer: Answer | undefined) => void>();
  #last = 0;

  /** @param patience milliseconds to wait for each answer */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Asks and waits; undefined when no answer came in time. */
  async ask(send: (id: number) => void): Promise<Answer | undefined> {
    this.#last += 1;
    const id = this.#last;
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    this.#waiting.set(id, resolve);
    const timer = setTimeout(() => resolve(undefined), this.#patience);
    try {
      send(id);
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  settle(id: number, answer: Answer): void {
    this.#waiting.get(id)?.(answer);
  }
}
