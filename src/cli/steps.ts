import type { StepObserver } from '../model/step-observer.ts';
import { formatBytes } from './byte-size.ts';
import { formatSeconds } from './format-seconds.ts';
import type { Io } from './io.ts';
import { printableLine } from './printable.ts';

/** Milliseconds between two pictures of a moving line, and between two lines where nothing can move. */
const MOVING_INTERVAL = 100;
const PLAIN_INTERVAL = 10_000;

interface Step {
  readonly name: string;
  readonly total: number | undefined;
  readonly start: number;
  done: number;
  bytes: number;
}

/**
 * How far long work is: for each step a line that moves on a terminal, elsewhere a line every ten seconds, and one line at
 * the end of a step that did something.
 */
export class Steps implements StepObserver {
  readonly #io: Io;
  readonly #now: () => number;
  #step: Step | undefined;
  #shown = 0;
  #moved = false;

  /** @param now milliseconds of any clock that only goes forward */
  constructor(io: Io, now: () => number = () => performance.now()) {
    this.#io = io;
    this.#now = now;
  }

  begin(name: string, total?: number): void {
    this.end();
    const start = this.#now();
    this.#step = { name: printableLine(name), total, start, done: 0, bytes: 0 };
    this.#shown = start;
    this.#move(this.#step);
  }

  advance(count: number, bytes = 0): void {
    const step = this.#step;
    if (!step) return;
    step.done += count;
    step.bytes += bytes;
    const now = this.#now();
    if (now - this.#shown < (this.#io.interactive ? MOVING_INTERVAL : PLAIN_INTERVAL)) return;
    this.#shown = now;
    if (this.#io.interactive) this.#move(step);
    else this.#io.note(this.#progress(step));
  }

  end(): void {
    const step = this.#step;
    this.#step = undefined;
    this.close();
    if (step && step.done > 0) this.#io.note(`${step.name}: ${amounts(step)}`);
  }

  /** Takes the moving line away, before other lines or when the work fails. */
  close(): void {
    if (this.#moved) this.#io.raw('\r\u001b[K');
    this.#moved = false;
  }

  #move(step: Step): void {
    if (!this.#io.interactive) return;
    this.#moved = true;
    this.#io.raw(`\r\u001b[K${this.#progress(step)}`);
  }

  #progress(step: Step): string {
    const { name, total, done, bytes, start } = step;
    const seconds = (this.#now() - start) / 1000;
    const speed = bytes > 0 && seconds > 0 ? `, ${formatBytes(bytes / seconds)}/s` : '';
    if (total === undefined) return `${name}: ${amounts(step)}${speed}`;
    const left =
      done > 0 && done < total ? `, ${formatSeconds(Math.ceil((seconds / done) * (total - done)))} left` : '';
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    return `${name}: ${percent} %, ${done} of ${total}${bytes > 0 ? `, ${formatBytes(bytes)}` : ''}${speed}${left}`;
  }
}

function amounts({ done, bytes }: Step): string {
  return bytes > 0 ? `${done}, ${formatBytes(bytes)}` : String(done);
}
