import { inBatches } from '../../database/in-batches.ts';
import {
  findPurgedRevision,
  type IndexFileRow,
  listIdsAdded,
  listIdsAt,
  listIdsRemoved,
  listIndexFiles,
  type PathRange,
} from '../../database/queries/index-files.ts';
import type { Queryable } from '../../database/tables.ts';
import type { JsonObject } from '../model.ts';
import { ChunkedDocument } from './chunked-document.ts';
import type { IndexEntry } from './entry.ts';
import { type GroupTallies, tallyAnew } from './group-tallies.ts';
import type { DocumentPlan, IndexFile, IndexPlan } from './index-plan.ts';

/** What an index is made from. */
export interface IndexSource {
  readonly db: Queryable;
  readonly repositoryId: number;
  readonly name: string;
  readonly plan: IndexPlan;
  readonly settings: JsonObject;
}

/** Which files an index has entries of. */
type Shows = (row: IndexFileRow, group: string) => boolean;

const NOT_QUARANTINED: Shows = (row) => row.package_status !== 'quarantined';

/** The documents of one index at one revision, as they can be made from the rows alone. Immutable. */
export class IndexState {
  readonly revision: number;
  /** By the path of their plan. */
  readonly documents: ReadonlyMap<string, ChunkedDocument>;
  readonly layout: readonly DocumentPlan[];
  readonly fixed: Readonly<Record<string, string>>;
  readonly #groups: GroupTallies;

  private constructor(
    revision: number,
    documents: ReadonlyMap<string, ChunkedDocument>,
    groups: GroupTallies,
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

  /** Memory that it takes beside an earlier state, about, in bytes. */
  weightBeside(earlier: IndexState | undefined): number {
    let sum = 10_000;
    for (const [path, document] of this.documents) sum += document.weightBeside(earlier?.documents.get(path));
    return sum;
  }

  /** Which files some groups have: another text as soon as any comes or goes. */
  contentOf(groups: readonly string[]): string {
    return JSON.stringify(groups.toSorted().map((group) => [group, this.#groups.get(group)]));
  }

  /**
   * Reads every file of the index as it was at a revision.
   * @param shows left out, what the index may show now
   */
  static async load(source: IndexSource, revision: number, shows: Shows = NOT_QUARANTINED): Promise<IndexState> {
    const { db, plan, name, settings } = source;
    const entries = new Entries();
    for (const ids of inBatches(await listIdsAt(db, rangeOf(source), revision)))
      entries.addAll(await listIndexFiles(db, ids), plan, shows);
    const groups = tallyAnew(new Map(), entries.byGroup, new Map());
    const layout = plan.layout(name, new Set(groups.keys()), settings);
    const documents = new Map<string, ChunkedDocument>();
    for (const document of layout.documents)
      documents.set(document.path, await ChunkedDocument.empty.change(new Set(), entries.of(document.groups)));
    return new IndexState(revision, documents, groups, layout);
  }

  /** The state at a later revision: only what changed is looked at. */
  async advance(source: IndexSource, revision: number): Promise<IndexState> {
    const { db, plan, name, settings, repositoryId } = source;
    const range = rangeOf(source);
    const added = new Entries();
    for (const ids of inBatches(await listIdsAdded(db, range, this.revision, revision)))
      added.addAll(await listIndexFiles(db, ids), plan, NOT_QUARANTINED);
    const removed = new Entries();
    for (const ids of inBatches(await listIdsRemoved(db, range, this.revision, revision)))
      removed.addAll(await listIndexFiles(db, ids), plan, (row, group) => this.#has(group, row.id));
    // Asked last: what was purged while the changes were read may be missing from them.
    if ((await findPurgedRevision(db, repositoryId)) > this.revision) return IndexState.load(source, revision);

    const groups = tallyAnew(this.#groups, added.byGroup, removed.byGroup);
    const layout = plan.layout(name, new Set(groups.keys()), settings);
    const documents = new Map<string, ChunkedDocument>();
    for (const document of layout.documents) {
      const known = this.#sameDocument(document);
      // One that is new may need entries which were here before it: those are read again with all the others.
      if (!known) return IndexState.load(source, revision);
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

/** What files contribute. */
class Entries {
  readonly byGroup = new Map<string, IndexEntry[]>();

  addAll(rows: readonly IndexFileRow[], plan: IndexPlan, shows: Shows): void {
    for (const row of rows) {
      const found = plan.contribution(toIndexFile(row));
      if (!found || !shows(row, found.group)) continue;
      const entries = this.byGroup.get(found.group) ?? [];
      entries.push({ id: row.id, bytes: found.bytes });
      this.byGroup.set(found.group, entries);
    }
  }

  of(groups: readonly string[]): IndexEntry[] {
    return groups.flatMap((group) => this.byGroup.get(group) ?? []);
  }
}

/** The files that an index may have. */
export function rangeOf({ repositoryId, plan, name }: IndexSource): PathRange {
  return { repositoryId, prefix: plan.pathPrefix(name) };
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
