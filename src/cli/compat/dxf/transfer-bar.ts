import { formatBytes } from '../../byte-size.ts';
import type { Io } from '../../io.ts';

/** Milliseconds between two pictures of a moving bar, and between two lines where nothing can move. */
const MOVING_INTERVAL = 100;
const PLAIN_INTERVAL = 10_000;
const WIDTH = 20;
/** As much of a digest as the original shows. */
const LABEL_LENGTH = 8;

/** A bar on standard error for each blob that is sent or received. It stays when it is full. */
export class TransferBar {
  readonly #io: Io;
  readonly #now: () => number;
  #label = '';
  #total = 0;
  #done = 0;
  #start = 0;
  #shown = 0;
  #isOpen = false;

  /** @param now milliseconds of any clock that only goes forward */
  constructor(io: Io, now: () => number = () => performance.now()) {
    this.#io = io;
    this.#now = now;
  }

  /** @param total bytes */
  begin(digest: string, total: number): void {
    this.close();
    this.#label = digest.slice(0, LABEL_LENGTH);
    this.#total = total;
    this.#done = 0;
    this.#start = this.#now();
    this.#shown = this.#start;
    this.#isOpen = true;
    if (total === 0) this.close();
    else if (this.#io.interactive) this.#io.raw(`\r${this.#line()}`);
  }

  advance(bytes: number): void {
    this.#done += bytes;
    if (this.#done >= this.#total) this.close();
    if (!this.#isOpen) return;
    const now = this.#now();
    if (now - this.#shown < (this.#io.interactive ? MOVING_INTERVAL : PLAIN_INTERVAL)) return;
    this.#shown = now;
    if (this.#io.interactive) this.#io.raw(`\r\u001b[K${this.#line()}`);
    else this.#io.note(this.#line());
  }

  /** Leaves the bar as it is, also when the transfer has failed. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#io.note(`${this.#io.interactive ? '\r\u001b[K' : ''}${this.#line()}`);
  }

  #line(): string {
    const part = this.#total === 0 ? 1 : Math.min(this.#done / this.#total, 1);
    const filled = Math.floor(part * WIDTH);
    const bar = '#'.repeat(filled) + '-'.repeat(WIDTH - filled);
    const seconds = (this.#now() - this.#start) / 1000;
    const speed = seconds > 0 ? `, ${formatBytes(this.#done / seconds)}/s` : '';
    return `${this.#label}: ${String(Math.floor(part * 100)).padStart(3)} % [${bar}] ${formatBytes(this.#total)}${speed}`;
  }
}
