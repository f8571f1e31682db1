import { LRUCache } from 'lru-cache';
import type { GenerationRow } from '../../database/queries/generations.ts';
import { documentsOf, type IndexDocument } from './generation.ts';
import { type IndexSource, IndexState } from './index-state.ts';

/** Past states whose documents stay in memory, with and without what is quarantined. */
const KEPT = 4;

/** The documents of past generations, made again from the rows: each may be as large as an index, so one after the other. */
export class PastDocuments {
  readonly #kept = new LRUCache<string, readonly IndexDocument[]>({ max: KEPT });
  #turn: Promise<unknown> = Promise.resolve();

  /** A document of a generation by its digest; undefined where the rows do not tell any more what it had. */
  find(source: IndexSource, row: GenerationRow, sha256: string): Promise<IndexDocument | undefined> {
    const found = this.#turn.then(async () => {
      const withDigest = (documents: readonly IndexDocument[]) => documents.find((each) => each.sha256 === sha256);
      // What was quarantined since was in it then, and is missing from what may be shown now.
      return withDigest(await this.#documents(source, row)) ?? withDigest(await this.#documents(source, row, true));
    });
    this.#turn = found.catch(() => {});
    return found;
  }

  async #documents(
    source: IndexSource,
    row: GenerationRow,
    evenQuarantined = false,
  ): Promise<readonly IndexDocument[]> {
    const key = `${row.repository_id}:${row.name}:${row.number}:${evenQuarantined}`;
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const state = await IndexState.load(source, row.revision, evenQuarantined ? () => true : undefined);
    const documents = documentsOf(state);
    this.#kept.set(key, documents);
    return documents;
  }
}
