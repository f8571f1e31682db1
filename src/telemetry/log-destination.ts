import { openSync, writeSync } from 'node:fs';
import pino from 'pino';
import { redactTokens } from './redact.ts';

/** Characters that are gathered before they are written. */
const FLUSH_LENGTH = 65_536;
const FLUSH_MILLISECONDS = 500;
/** Bytes that may wait for a reader that does not read; what comes after is dropped rather than kept in memory. */
const MAX_WAITING = 16 * 2 ** 20;
/** What a pipe takes as a whole (POSIX: PIPE_BUF), with room for characters of several bytes. */
const PIECE_LENGTH = 4_000;
/** More than a write of one buffer takes, also where many processes want the processor. */
const IN_FLIGHT_MILLISECONDS = 250;
/** pino's number for `warn`: from here on a line is written at once. */
const URGENT_LEVEL = 40;

/**
 * Where log lines go: gathered, cleaned of tokens and written without waiting for the reader. Nothing is older than half
 * a second, warnings and errors go at once, and the end of the process writes the rest. Each write is small enough that
 * several processes can share a pipe without cutting each other's lines apart.
 */
export class LogDestination {
  /** Set by pino before each `write`. */
  lastLevel = 0;
  readonly #file: ReturnType<typeof pino.destination>;
  readonly #descriptor: number;
  readonly #format: (line: string) => string;
  #lines: string[] = [];
  #length = 0;
  #busy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param target a file descriptor or a path
   * @param format turns a JSON line into what is written, e.g. for people
   */
  constructor(target: number | string, format: (line: string) => string = (line) => line) {
    Object.assign(this, { [Symbol.for('pino.metadata')]: true }); // asks pino for `lastLevel`
    this.#format = format;
    // A file is opened here: while it is being opened, nothing could be flushed.
    this.#descriptor = typeof target === 'string' ? openSync(target, 'a') : target;
    const limits = { minLength: 0, maxLength: MAX_WAITING, maxWrite: PIECE_LENGTH };
    this.#file = pino.destination({ dest: this.#descriptor, sync: false, ...limits });
    // A closed pipe must not end the server.
    this.#file.on('error', () => {});
    this.#file.on('drain', () => {
      this.#busy = false;
    });
    process.once('exit', this.#writeRest);
  }

  write(line: string): void {
    this.#lines.push(line);
    this.#length += line.length;
    if (this.#length >= FLUSH_LENGTH || this.lastLevel >= URGENT_LEVEL) this.#pass();
    else this.#timer ??= setTimeout(() => this.#pass(), FLUSH_MILLISECONDS).unref();
  }

  /** Writes everything and waits until it is written. */
  flush(done?: (error?: Error) => void): void {
    this.#writeRest();
    done?.();
  }

  readonly #writeRest = (): void => {
    // A write that is on its way cannot be waited for from here, and the end of the process would cut it off.
    if (this.#busy) Bun.sleepSync(IN_FLIGHT_MILLISECONDS);
    try {
      this.#file.flushSync();
      for (const piece of pieces(this.#take())) writeAll(this.#descriptor, piece);
    } catch {
      // Nobody reads any more: there is no place left to say so.
    }
  };

  #pass(): void {
    const text = this.#take();
    if (text === '') return;
    this.#busy = true;
    for (const piece of pieces(text)) this.#file.write(piece);
  }

  #take(): string {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = redactTokens(this.#lines.map(this.#format).join(''));
    this.#lines = [];
    this.#length = 0;
    return text;
  }
}

/** Whole lines, as many at a time as a pipe takes; a longer line alone. */
function* pieces(text: string): Generator<string> {
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = text.lastIndexOf('\n', start + PIECE_LENGTH - 1) + 1;
    if (end <= start) end = text.indexOf('\n', start) + 1 || text.length;
    yield text.slice(start, end);
  }
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}
