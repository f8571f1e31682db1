import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Lines that are sorted in memory at once: so few that nobody waits for it. */
const RUN = 40_000;

interface Run {
  line: string;
  readonly rest: AsyncIterator<string>;
}

/** Sorts any number of lines: some at a time in memory, the rest in files that are merged. In the order of UTF-16 code units. */
export class SortedLines {
  readonly #folder: string;
  readonly #run: number;
  readonly #files: string[] = [];
  #lines: string[] = [];

  /** @param folder an empty one */
  constructor(folder: string, run: number = RUN) {
    this.#folder = folder;
    this.#run = run;
  }

  /** @param line without a line break */
  async add(line: string): Promise<void> {
    this.#lines.push(line);
    if (this.#lines.length < this.#run) return;
    const file = join(this.#folder, `run-${this.#files.length}`);
    await writeFile(file, `${this.#lines.sort().join('\n')}\n`);
    this.#files.push(file);
    this.#lines = [];
  }

  /** All lines in order. */
  async *sorted(): AsyncIterable<string> {
    const runs: Run[] = [];
    for (const file of this.#files) await begin(runs, readLines(file)[Symbol.asyncIterator]());
    await begin(runs, inMemory(this.#lines.sort()));
    runs.sort(byLine);
    for (let first = runs.shift(); first; first = runs.shift()) {
      yield first.line;
      await begin(runs, first.rest, first);
    }
  }
}

/** Puts a run back among the others, at the place of its next line. */
async function begin(runs: Run[], rest: AsyncIterator<string>, run?: Run): Promise<void> {
  const next = await rest.next();
  if (next.done) return;
  const again = run ?? { line: '', rest };
  again.line = next.value;
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.line ?? '') < again.line) low = middle + 1;
    else high = middle;
  }
  runs.splice(low, 0, again);
}

function byLine(a: Run, b: Run): number {
  return a.line < b.line ? -1 : a.line > b.line ? 1 : 0;
}

function readLines(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
}

async function* inMemory(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}
