import { RegistryConnectionError, RegistryError } from './registry-error.ts';

export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** Waits so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** From 0 up to, not including, 1: spreads the tries of many clients. */
  readonly random: () => number;
}

export const DEFAULT_POLICY: RetryPolicy = {
  attempts: 5,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random: Math.random,
};

/** Milliseconds before the second try; doubled for each further one. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 10_000;
/** The longest wait that a registry can ask for, in seconds. */
const LONGEST_RETRY_AFTER = 60;

/** Counts the failures of one undertaking and waits between its tries. */
export class Retries {
  readonly #policy: RetryPolicy;
  readonly #signal: AbortSignal | undefined;
  #failed = 0;

  constructor(policy: RetryPolicy, signal?: AbortSignal) {
    this.#policy = policy;
    this.#signal = signal;
  }

  /** How many tries have failed since the beginning or the last success. */
  get failed(): number {
    return this.#failed;
  }

  /** It went on: what fails from now on is a new matter. */
  succeeded(): void {
    this.#failed = 0;
  }

  /** Waits before the next try; false, at once, where another one is of no use or has been tried often enough. */
  async another(error: unknown): Promise<boolean> {
    this.#failed += 1;
    if (!(error instanceof RegistryError) || !error.isTransient || this.#failed >= this.#policy.attempts) return false;
    const { retryAfter } = error;
    if (retryAfter !== undefined && retryAfter > LONGEST_RETRY_AFTER) return false;
    const pause = Math.min(FIRST_PAUSE * 2 ** (this.#failed - 1), LONGEST_PAUSE);
    await this.#sleep(retryAfter === undefined ? pause * (0.5 + this.#policy.random() / 2) : retryAfter * 1000);
    return !this.#signal?.aborted;
  }

  /** What to tell when there is no other try: whoever cancels while it waits is told that. */
  verdict(error: unknown): unknown {
    return this.#signal?.aborted && error instanceof RegistryError && error.isTransient
      ? new RegistryConnectionError('cancelled', 'the request was cancelled', { cause: error })
      : error;
  }

  /** Ends early when the caller cancels. */
  async #sleep(milliseconds: number): Promise<void> {
    const signal = this.#signal;
    if (signal === undefined) return this.#policy.sleep(milliseconds);
    if (signal.aborted) return;
    let wake = () => {};
    const aborted = new Promise<void>((resolve) => {
      wake = resolve;
    });
    signal.addEventListener('abort', wake);
    await Promise.race([this.#policy.sleep(milliseconds), aborted]);
    signal.removeEventListener('abort', wake);
  }
}
