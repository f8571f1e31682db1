import type { Generation, IndexDocument } from './generation.ts';
import type { IndexState } from './index-state.ts';

/** Generations whose documents stay in memory for clients that are still reading them. */
const RECENT = 20;
/** Bytes that a generation takes without its documents, about. */
const ROOT_WEIGHT = 20_000;

/** What is kept of a generation. */
interface Recent {
  readonly state: IndexState;
  readonly byDigest: ReadonlyMap<string, IndexDocument>;
  /** Memory that it takes beside the one before it, about, in bytes. */
  readonly weight: number;
}

/** What this process has of one index. */
export class IndexSlot {
  state: IndexState | undefined;
  generation: Generation | undefined;
  /** The newest revision of the repository of which it is known that the generation shows it. */
  checked = -1;
  /** Milliseconds that its background documents took when they were made last. */
  backgroundTook = 0;
  readonly #recent: Recent[] = [];
  #present: ReadonlyMap<string, IndexDocument> = new Map();
  #turn: Promise<unknown> = Promise.resolve();

  /** Memory that it takes, about, in bytes. */
  get weight(): number {
    return this.#recent.reduce((sum, recent) => sum + recent.weight, 1000);
  }

  /** One piece of work after another. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** Notes the documents of a generation. @param state that has them, or a later one */
  note(generation: Generation, documents: readonly IndexDocument[], state: IndexState): void {
    // What is known of a generation now takes the place of what was known of it before.
    if (this.generation?.number === generation.number) this.#recent.pop();
    this.generation = generation;
    this.#present = new Map(documents.map((document) => [document.path, document]));
    const byDigest = new Map(documents.map((document) => [document.sha256, document]));
    this.#recent.push({ state, byDigest, weight: weigh(state, this.#recent.at(-1)?.state) });
    if (this.#recent.length <= RECENT) return;
    this.#recent.shift();
    // Nobody before it has the chunks any more that the oldest one shared: now they are its own.
    const [oldest] = this.#recent;
    if (oldest) this.#recent[0] = { ...oldest, weight: weigh(oldest.state, undefined) };
  }

  /** The documents of the present generation, by path. */
  get documents(): ReadonlyMap<string, IndexDocument> {
    return this.#present;
  }

  /** A document of the present or a recent generation. */
  withDigest(sha256: string): IndexDocument | undefined {
    for (const { byDigest } of this.#recent.toReversed()) {
      const found = byDigest.get(sha256);
      if (found) return found;
    }
    return undefined;
  }
}

function weigh(state: IndexState, earlier: IndexState | undefined): number {
  return ROOT_WEIGHT + state.weightBeside(earlier);
}
