import { terminalAllows } from '../config/terminal.ts';

/** The streams of a command: data on standard output, everything else on standard error. */
export interface Io {
  /** Writes data and a line end. */
  data(text: string): void;
  /**
   * Writes data as it is and waits until it has been taken, so that fast sources do not fill the memory.
   * @throws Error with the code `EPIPE` when nobody reads any more
   */
  bytes(data: Uint8Array | string): Promise<void>;
  /** Writes what is not data, and a line end. */
  note(text: string): void;
  /** Writes to standard error as it is: for lines that move. */
  raw(text: string): void;
  /** Everything from standard input, as text. */
  readInput(): Promise<string>;
  /** Standard input as it comes. */
  input(): ReadableStream<Uint8Array>;
  readonly inputIsTerminal: boolean;
  /** Standard error is a terminal on which lines may move. */
  readonly interactive: boolean;
  /** Standard error may have colours. */
  readonly colour: boolean;
}

/** The streams of this process. */
export function systemIo(): Io {
  const terminal = process.stderr.isTTY === true;
  const allows = terminalAllows();
  // `packyard … | head` closes the pipe: that is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    data: (text) => void process.stdout.write(`${text}\n`),
    bytes: writeBytes,
    note: (text) => void process.stderr.write(`${text}\n`),
    raw: (text) => void process.stderr.write(text),
    readInput: () => Bun.stdin.text(),
    input: () => Bun.stdin.stream(),
    inputIsTerminal: process.stdin.isTTY === true,
    interactive: terminal && allows.movement,
    colour: terminal && allows.colour,
  };
}

function writeBytes(data: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(data, (error) => (error ? reject(explainWriting(error)) : resolve()));
  });
}

/** The system's own words for a closed pipe help nobody. */
function explainWriting(error: NodeJS.ErrnoException): Error {
  if (error.code !== 'EPIPE') return error;
  return Object.assign(new Error('whoever read standard output stopped before the end'), { code: 'EPIPE' });
}
