import { PackyardError } from '../model/errors.ts';

const WINDOW = 60_000;
/** Addresses remembered at the most; the oldest are forgotten first. */
const MAX_ADDRESSES = 10_000;

/** Counts failed log-ins by address; one that fails too often has to wait, whatever it sends. */
export class LoginLimiter {
  readonly #limit: number;
  readonly #now: () => number;
  readonly #failures = new Map<string, number[]>();

  /** @param limit failures that one address may have in a minute */
  constructor(limit: number, now: () => number = Date.now) {
    this.#limit = limit;
    this.#now = now;
  }

  /** @throws PackyardError `too_many_requests` */
  check(address: string): void {
    const failures = this.#recent(address);
    if (failures.length < this.#limit) return;
    const wait = ((failures[0] ?? 0) + WINDOW - this.#now()) / 1000;
    throw new PackyardError('too_many_requests', 'too many failed log-ins from this address', {
      hint: 'check the token, then wait a minute',
      retryAfter: wait,
    });
  }

  failed(address: string): void {
    const failures = [...this.#recent(address), this.#now()];
    this.#failures.delete(address);
    this.#failures.set(address, failures);
    if (this.#failures.size > MAX_ADDRESSES) this.#failures.delete(this.#failures.keys().next().value ?? '');
  }

  #recent(address: string): number[] {
    const since = this.#now() - WINDOW;
    return (this.#failures.get(address) ?? []).filter((at) => at > since);
  }
}
