import { type Chunk, closesChunk, cutIntoChunks, entriesOf, plainOf } from './chunk.ts';
import type { IndexEntry } from './entry.ts';
import { type Form, type FormDigest, RunningDigests } from './running-digests.ts';

/** Milliseconds of work after which others get their turn. */
const TURN = 10;
/** Bytes that the running digests of a step take. */
const DIGESTS_WEIGHT = 1000;

interface Step {
  readonly chunk: Chunk;
  /** Of the document up to the end of this chunk. */
  readonly digests: RunningDigests;
}

/**
 * A document of an index as a list of chunks that are compressed once. A change makes a new document, which shares the chunks
 * that are the same: what appending one entry costs does not depend on how many there are. Deterministic: the same entries
 * make the same bytes in every form.
 */
export class ChunkedDocument {
  static readonly empty = new ChunkedDocument([]);

  readonly digests: Readonly<Record<Form, FormDigest>>;
  readonly #steps: readonly Step[];
  readonly #end: RunningDigests;

  private constructor(steps: readonly Step[]) {
    this.#steps = steps;
    this.#end = steps.at(-1)?.digests ?? RunningDigests.begin();
    this.digests = this.#end.finish();
  }

  get entryCount(): number {
    return this.#steps.reduce((sum, { chunk }) => sum + chunk.ids.length, 0);
  }

  /** Memory that it takes beside another document with which it may share chunks, about, in bytes. */
  weightBeside(other: ChunkedDocument | undefined): number {
    const theirs = other ? other.#steps : [];
    const steps = new Set(theirs);
    const fresh = this.#steps.filter((step) => !steps.has(step));
    const chunks = new Set(fresh.length === 0 ? [] : theirs.map(({ chunk }) => chunk));
    return fresh.reduce(
      (sum, { chunk }) => sum + DIGESTS_WEIGHT + (chunks.has(chunk) ? 0 : weightOf(chunk)),
      8 * this.#steps.length,
    );
  }

  has(id: number): boolean {
    const step = this.#steps[this.#placeOf(id)];
    return step?.chunk.ids.includes(id) ?? false;
  }

  /** Takes entries out and puts others in. @param added in any order; none of them may be there already */
  async change(removed: ReadonlySet<number>, added: readonly IndexEntry[]): Promise<ChunkedDocument> {
    if (removed.size === 0 && added.length === 0) return this;
    const arriving = added.toSorted((a, b) => a.id - b.id);
    const first = this.#firstTouched(removed, arriving[0]?.id);
    const builder = new Builder(this.#steps.slice(0, first));
    let open: IndexEntry[] = [];
    for (let index = first; index < this.#steps.length; index++) {
      const chunk = this.#steps[index]?.chunk;
      if (!chunk) break;
      const next = this.#steps[index + 1]?.chunk.ids[0] ?? Number.POSITIVE_INFINITY;
      const count = arriving.findIndex((entry) => entry.id >= next);
      const here = arriving.splice(0, count < 0 ? arriving.length : count);
      if (open.length === 0 && here.length === 0 && !chunk.ids.some((id) => removed.has(id))) {
        await builder.append(chunk);
        continue;
      }
      const kept = entriesOf(chunk).filter((entry) => !removed.has(entry.id));
      open = open.concat(here.length === 0 ? kept : [...kept, ...here].sort((a, b) => a.id - b.id));
      const last = open.at(-1);
      if (!last || !closesChunk(last.id)) continue;
      for (const cut of cutIntoChunks(open)) await builder.append(cut);
      open = [];
    }
    for (const cut of cutIntoChunks([...open, ...arriving])) await builder.append(cut);
    return new ChunkedDocument(builder.steps);
  }

  /** The document's bytes, in pieces. */
  *bytes(form: Form): Generator<Uint8Array> {
    const { head, tail } = this.#end.frame(form);
    yield* head;
    for (const { chunk } of this.#steps)
      yield form === 'plain' ? plainOf(chunk) : form === 'gzip' ? chunk.deflated : chunk.zstd;
    yield* tail;
  }

  /** The first chunk that changes; all before it stay with their digests. */
  #firstTouched(removed: ReadonlySet<number>, firstAdded: number | undefined): number {
    let lowest = firstAdded ?? Number.POSITIVE_INFINITY;
    for (const id of removed) lowest = Math.min(lowest, id);
    const last = this.#steps.at(-1)?.chunk.ids.at(-1);
    if (last !== undefined && lowest > last && closesChunk(last)) return this.#steps.length;
    return Math.max(0, this.#placeOf(lowest));
  }

  /** Which chunk has, or would have, an entry: the last one that begins at it or before it; -1 before the first. */
  #placeOf(id: number): number {
    let [low, high] = [0, this.#steps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#steps[middle]?.chunk.ids[0] ?? 0) <= id) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function weightOf({ ids, deflated, zstd }: Chunk): number {
  return deflated.byteLength + zstd.byteLength + 16 * ids.length + 500;
}

class Builder {
  readonly steps: Step[];
  #turn = performance.now();

  constructor(steps: Step[]) {
    this.steps = steps;
  }

  async append(chunk: Chunk): Promise<void> {
    const before = this.steps.at(-1)?.digests ?? RunningDigests.begin();
    this.steps.push({ chunk, digests: before.after(chunk) });
    if (performance.now() - this.#turn < TURN) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#turn = performance.now();
  }
}
