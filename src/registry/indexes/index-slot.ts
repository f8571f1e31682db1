import type { Generation, IndexDocument } from './generation.ts';
import type { IndexState } from './index-state.ts';

/** Generations whose documents stay in memory for clients that are still reading them. */
const RECENT = 20;

/** What this process has of one index. */
export class IndexSlot {
  state: IndexState | undefined;
  generation: Generation | undefined;
  /** The newest revision of the repository of which it is known that the generation shows it. */
  checked = -1;
  /** When `state` was brought up to date last; milliseconds since 1970. */
  advancedAt = 0;
  readonly #recent: ReadonlyMap<string, IndexDocument>[] = [];
  #present: ReadonlyMap<string, IndexDocument> = new Map();
  #turn: Promise<unknown> = Promise.resolve();

  /** Memory that it takes, about, in bytes. */
  get weight(): number {
    return (this.state?.weight ?? 0) + this.#recent.length * 20_000 + 1000;
  }

  /** One piece of work after another. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** Notes the documents of a generation. */
  note(generation: Generation, documents: readonly IndexDocument[]): void {
    this.generation = generation;
    this.#present = new Map(documents.map((document) => [document.path, document]));
    this.#recent.push(new Map(documents.map((document) => [document.sha256, document])));
    if (this.#recent.length > RECENT) this.#recent.shift();
  }

  /** The documents of the present generation, by path. */
  get documents(): ReadonlyMap<string, IndexDocument> {
    return this.#present;
  }

  /** A document of the present or a recent generation. */
  withDigest(sha256: string): IndexDocument | undefined {
    for (const documents of this.#recent.toReversed()) {
      const found = documents.get(sha256);
      if (found) return found;
    }
    return undefined;
  }
}
