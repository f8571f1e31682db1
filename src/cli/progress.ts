import { formatBytes } from './byte-size.ts';
import { formatSeconds } from './format-seconds.ts';
import type { Io } from './io.ts';
import { printableLine } from './printable.ts';

/** Milliseconds between two pictures of a moving line, and between two lines where nothing can move. */
const MOVING_INTERVAL = 100;
const PLAIN_INTERVAL = 10_000;

/** How far one transfer is: a moving line on a terminal, elsewhere a line every ten seconds. */
export class Progress {
  readonly #io: Io;
  readonly #label: string;
  readonly #total: number | undefined;
  readonly #now: () => number;
  readonly #start: number;
  #shown: number;
  #moved = false;

  /**
   * @param total bytes; undefined where nobody knows
   * @param now milliseconds of any clock that only goes forward
   */
  constructor(io: Io, label: string, total: number | undefined, now: () => number = () => performance.now()) {
    this.#io = io;
    this.#label = printableLine(label);
    this.#total = total;
    this.#now = now;
    this.#start = now();
    this.#shown = this.#start;
  }

  update(sent: number): void {
    const now = this.#now();
    if (now - this.#shown < (this.#io.interactive ? MOVING_INTERVAL : PLAIN_INTERVAL)) return;
    this.#shown = now;
    if (this.#io.interactive) {
      this.#moved = true;
      this.#io.raw(`\r\u001b[K${this.#line(sent, now)}`);
    } else {
      this.#io.note(this.#line(sent, now));
    }
  }

  /** Takes the moving line away. */
  finish(): void {
    if (this.#moved) this.#io.raw('\r\u001b[K');
    this.#moved = false;
  }

  #line(sent: number, now: number): string {
    const speed = sent / ((now - this.#start) / 1000);
    if (this.#total === undefined) return `${this.#label}: ${formatBytes(sent)}, ${formatBytes(speed)}/s`;
    const percent = this.#total === 0 ? 100 : Math.floor((100 * sent) / this.#total);
    const left = speed > 0 ? Math.ceil((this.#total - sent) / speed) : undefined;
    const eta = left === undefined ? '' : `, ${formatSeconds(left)} left`;
    return `${this.#label}: ${percent} % of ${formatBytes(this.#total)}, ${formatBytes(speed)}/s${eta}`;
  }
}
