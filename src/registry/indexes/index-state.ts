import { inBatches } from '../../database/in-batches.ts';
import {
  type IndexFileRow,
  listIdsAdded,
  listIdsAt,
  listIdsRemoved,
  listIndexFiles,
} from '../../database/queries/index-files.ts';
import type { Queryable } from '../../database/tables.ts';
import type { JsonObject } from '../model.ts';
import { ChunkedDocument } from './chunked-document.ts';
import type { IndexEntry } from './entry.ts';
import type { DocumentPlan, IndexFile, IndexPlan } from './index-plan.ts';

export interface IndexPlace {
  readonly repositoryId: number;
  readonly name: string;
}

/** The documents of one index at one revision, as they can be made from the rows alone. Immutable. */
export class IndexState {
  readonly revision: number;
  /** By the path of their plan. */
  readonly documents: ReadonlyMap<string, ChunkedDocument>;
  readonly layout: readonly DocumentPlan[];
  readonly fixed: Readonly<Record<string, string>>;
  /** How many files each group has. */
  readonly #groups: ReadonlyMap<string, number>;

  private constructor(
    revision: number,
    documents: ReadonlyMap<string, ChunkedDocument>,
    groups: ReadonlyMap<string, number>,
    layout: ReturnType<IndexPlan['layout']>,
  ) {
    this.revision = revision;
    this.documents = documents;
    this.#groups = groups;
    this.layout = layout.documents;
    this.fixed = layout.fixed;
  }

  /** The groups that have files. */
  get groups(): ReadonlySet<string> {
    return new Set(this.#groups.keys());
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  /** Memory that it takes, about, in bytes. */
  get weight(): number {
    return [...this.documents.values()].reduce((sum, document) => sum + document.weight, 10_000);
  }

  /** Reads every file of the index as it was at a revision. */
  static async load(
    db: Queryable,
    plan: IndexPlan,
    place: IndexPlace,
    revision: number,
    settings: JsonObject,
  ): Promise<IndexState> {
    const range = { repositoryId: place.repositoryId, prefix: plan.pathPrefix(place.name) };
    const entries = new Entries();
    for (const ids of inBatches(await listIdsAt(db, range, revision)))
      entries.addAll(await listIndexFiles(db, ids), plan);
    const layout = plan.layout(place.name, new Set(entries.counts.keys()), settings);
    const documents = new Map<string, ChunkedDocument>();
    for (const document of layout.documents)
      documents.set(document.path, await ChunkedDocument.empty.change(new Set(), entries.of(document.groups)));
    return new IndexState(revision, documents, entries.counts, layout);
  }

  /** The state at a later revision: only what changed is looked at. */
  async advance(
    db: Queryable,
    plan: IndexPlan,
    place: IndexPlace,
    revision: number,
    settings: JsonObject,
  ): Promise<IndexState> {
    const range = { repositoryId: place.repositoryId, prefix: plan.pathPrefix(place.name) };
    const added = new Entries();
    for (const ids of inBatches(await listIdsAdded(db, range, this.revision, revision)))
      added.addAll(await listIndexFiles(db, ids), plan);
    const removed = new Entries();
    for (const ids of inBatches(await listIdsRemoved(db, range, this.revision, revision)))
      removed.addAll(await listIndexFiles(db, ids), plan, (group, id) => this.#has(group, id));

    const groups = countAnew(this.#groups, added.counts, removed.counts);
    const layout = plan.layout(place.name, new Set(groups.keys()), settings);
    const documents = new Map<string, ChunkedDocument>();
    for (const document of layout.documents) {
      const known = this.#sameDocument(document);
      // One that is new may need entries which were here before it: those are read again with all the others.
      if (!known) return IndexState.load(db, plan, place, revision, settings);
      const ids = removed.of(document.groups).map((entry) => entry.id);
      documents.set(document.path, await known.change(new Set(ids), added.of(document.groups)));
    }
    return new IndexState(revision, documents, groups, layout);
  }

  /** The document as it was before, or one that had the same entries: an architecture that is new has what `all` has. */
  #sameDocument(plan: DocumentPlan): ChunkedDocument | undefined {
    const had = (groups: readonly string[]): string =>
      groups
        .filter((group) => this.#groups.has(group))
        .sort()
        .join('\n');
    const wanted = had(plan.groups);
    if (wanted === '') return ChunkedDocument.empty;
    const same = this.layout.find((each) => each.path === plan.path && had(each.groups) === wanted);
    const like = same ?? this.layout.find((each) => had(each.groups) === wanted);
    return like && this.documents.get(like.path);
  }

  #has(group: string, id: number): boolean {
    const plan = this.layout.find((each) => each.groups.includes(group));
    return (plan && this.documents.get(plan.path)?.has(id)) ?? false;
  }
}

/** What files contribute, by group. */
class Entries {
  readonly #groups = new Map<string, IndexEntry[]>();

  get counts(): Map<string, number> {
    return new Map([...this.#groups].map(([group, entries]) => [group, entries.length]));
  }

  /** @param counts which of them to take; left out, those that the index may show now */
  addAll(rows: readonly IndexFileRow[], plan: IndexPlan, counts?: (group: string, id: number) => boolean): void {
    for (const row of rows) {
      if (!counts && row.package_status === 'quarantined') continue;
      const found = plan.contribution(toIndexFile(row));
      if (!found || counts?.(found.group, row.id) === false) continue;
      const entries = this.#groups.get(found.group) ?? [];
      entries.push({ id: row.id, bytes: found.bytes });
      this.#groups.set(found.group, entries);
    }
  }

  of(groups: readonly string[]): IndexEntry[] {
    return groups.flatMap((group) => this.#groups.get(group) ?? []);
  }
}

/** A row as plans see it. */
export function toIndexFile(row: IndexFileRow): IndexFile {
  return {
    path: row.path,
    name: row.name,
    size: row.size,
    sha256: row.sha256,
    metadata: JSON.parse(row.metadata_json) as JsonObject,
  };
}

function countAnew(
  before: ReadonlyMap<string, number>,
  added: ReadonlyMap<string, number>,
  removed: ReadonlyMap<string, number>,
): Map<string, number> {
  const counts = new Map(before);
  for (const [group, count] of added) counts.set(group, (counts.get(group) ?? 0) + count);
  for (const [group, count] of removed) counts.set(group, (counts.get(group) ?? 0) - count);
  for (const [group, count] of counts) if (count <= 0) counts.delete(group);
  return counts;
}
