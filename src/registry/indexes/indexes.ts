import { LRUCache } from 'lru-cache';
import {
  deleteGenerationsBefore,
  findGeneration,
  findGenerationBefore,
  findGenerationOf,
  findNewestGeneration,
  insertGeneration,
  listGenerationsAfter,
} from '../../database/queries/generations.ts';
import { findPathAfter } from '../../database/queries/index-files.ts';
import { findIndexObject, type IndexObjectRow, listIndexObjects } from '../../database/queries/index-objects.ts';
import { findIndexSettings, listIndexSettings, replaceIndexSettings } from '../../database/queries/index-settings.ts';
import type { RegistryContext } from '../context.ts';
import { inRevision } from '../in-revision.ts';
import type { Actor, JsonObject, Repository } from '../model.ts';
import type { SigningKeys } from '../signing/signing-keys.ts';
import { BackgroundQueue } from './background-queue.ts';
import { documentsOf, Generation, type IndexDocument, type Root } from './generation.ts';
import type { IndexPlan, NamedDigest } from './index-plan.ts';
import { IndexSlot } from './index-slot.ts';
import { type IndexSource, IndexState } from './index-state.ts';
import { PastDocuments } from './past-documents.ts';

export interface IndexesOptions {
  /** For the documents of all indices, in bytes. */
  readonly memoryBytes: number;
  /** How long what was replaced is still given out to those who ask for it by its digest, in milliseconds. */
  readonly keep: number;
  /** Milliseconds from a change to the work that it makes necessary in the background. */
  readonly backgroundDelay?: number;
  /** Told of background work that failed; it begins again with the next change. */
  readonly onBackgroundError?: (error: unknown) => void;
}

/** An index as it is read now. */
export interface CurrentIndex {
  readonly generation: Generation;
  /** Everything that it names, by path. */
  readonly documents: ReadonlyMap<string, IndexDocument>;
}

/** Milliseconds; publications in a row are worked up together. */
const BACKGROUND_DELAY = 2000;
/** Generations of other processes that are looked at one by one, when this one has not looked for a while. */
const CATCH_UP = 20;

/**
 * The indices of repositories: documents made of many files, in generations that a client can read from beginning to end
 * while others publish. An index is brought up to date when somebody reads it, so a reader sees everything that was answered
 * with success before, and publishing builds nothing. Each process makes the documents itself, from the rows; what they share
 * is the row of a generation: the sealed documents, and the digests of the others.
 */
export class Indexes {
  readonly #context: RegistryContext;
  readonly #signing: SigningKeys;
  readonly #options: IndexesOptions;
  readonly #slots: LRUCache<string, IndexSlot>;
  /** Those that are read for the first time: all who ask meanwhile wait for the same one. */
  readonly #starting = new Map<string, IndexSlot>();
  readonly #past = new PastDocuments();
  readonly #background: BackgroundQueue;
  readonly #prunedAt = new Map<string, number>();

  constructor(context: RegistryContext, signing: SigningKeys, options: IndexesOptions) {
    this.#context = context;
    this.#signing = signing;
    this.#options = options;
    const { memoryBytes, keep, backgroundDelay = BACKGROUND_DELAY, onBackgroundError } = options;
    this.#background = new BackgroundQueue(context, { delay: backgroundDelay, keep, onError: onBackgroundError });
    // One that is larger than all the memory stays until there is another: made anew for every reader, it would take no less.
    this.#slots = new LRUCache({
      maxSize: memoryBytes,
      sizeCalculation: (slot) => Math.min(slot.weight, memoryBytes),
    });
  }

  /**
   * The index at the repository's present revision, or undefined when there is none of this name. Of many who ask at the same
   * time one has it made, on one replica: the others take what it made.
   */
  async current(repository: Repository, name: string, plan: IndexPlan): Promise<CurrentIndex | undefined> {
    const slot = this.#slot(repository, name);
    if (!(await this.#isCurrent(slot, repository, name)))
      await slot.inTurn(async () => {
        if (await this.#isCurrent(slot, repository, name)) return;
        try {
          await this.#refresh(slot, repository, name, plan);
        } finally {
          this.#keep(slot, repository, name);
        }
      });
    const { generation, documents } = slot;
    return generation && { generation, documents };
  }

  /** A document that any generation of the last while has, by its sha256 in hexadecimal digits. */
  async withDigest(
    repository: Repository,
    name: string,
    plan: IndexPlan,
    sha256: string,
  ): Promise<IndexDocument | undefined> {
    const known = this.#known(repository, name, sha256);
    if (known) return known;
    // Asked before anything is rendered: whoever makes digests up costs one query.
    const number = await findGenerationOf(this.#context.database.read, repository.id, name, sha256);
    if (number === undefined) return undefined;
    const object = await this.#object(repository, name, sha256);
    if (object) return object;
    await this.current(repository, name, plan);
    return this.#known(repository, name, sha256) ?? (await this.#pastDocument(repository, name, plan, number, sha256));
  }

  /** What somebody chose for an index. */
  async settings(repository: Repository, name: string): Promise<JsonObject> {
    return (await this.#findSettings(repository, name)) ?? {};
  }

  /** Changes what somebody chose. @param update of the settings as they are then; undefined forgets them all */
  async updateSettings(
    repository: Repository,
    name: string,
    update: (before: JsonObject) => JsonObject | undefined,
    actor: Actor,
  ): Promise<JsonObject> {
    let after: JsonObject | undefined;
    const reason = `settings of ${name}`;
    const change = { repository, actor, reason, action: 'index.update', subject: name };
    await inRevision(this.#context, change, async (trx) => {
      const before = await findIndexSettings(trx, repository.id, name);
      after = update(before === undefined ? {} : (JSON.parse(before) as JsonObject));
      await replaceIndexSettings(trx, repository.id, name, after && JSON.stringify(after));
      return 1;
    });
    return after ?? {};
  }

  /** The names of a repository's indices: those that have files, and those for which somebody chose something. */
  async names(repository: Repository, plan: IndexPlan): Promise<readonly string[]> {
    const chosen = await listIndexSettings(this.#context.database.read, repository.id);
    const names = new Set(chosen.map((row) => row.name));
    const [before = '', after = ''] = plan.pathPrefix('\n').split('\n');
    for (let path: string | undefined = before; path !== undefined; ) {
      path = await findPathAfter(this.#context.database.read, repository.id, path);
      if (!path?.startsWith(before)) break;
      const name: string = path.slice(before.length).split(after)[0] ?? '';
      names.add(name);
      // Behind everything of this index.
      path = `${before}${name}0`;
    }
    return [...names].sort();
  }

  async #isCurrent(slot: IndexSlot, repository: Repository, name: string): Promise<boolean> {
    const { generation } = slot;
    if (!generation || slot.checked < repository.revision) return false;
    if (this.#context.now() >= (generation.root.sealedUntil ?? Number.POSITIVE_INFINITY)) return false;
    return (await this.#newest(repository, name)) === generation.number;
  }

  async #refresh(slot: IndexSlot, repository: Repository, name: string, plan: IndexPlan): Promise<void> {
    const chosen = await this.#findSettings(repository, name);
    const settings = chosen ?? {};
    const source = this.#source(repository, name, plan, settings);
    for (;;) {
      await this.#catchUp(slot, source);
      const before = slot.generation;
      const revision = Math.max(repository.revision, before?.revision ?? 0);
      const state = await this.#stateAt(slot, source, revision);
      if (state.isEmpty && !chosen && !before) return;
      const signer = await this.#signing.signer(repository);
      const terms = digestOf([plan.version, settings, signer.fingerprints]);
      const objects = await listIndexObjects(this.#context.database.read, repository.id, name);
      const documents = [...documentsOf(state), ...objects.map((row) => this.#toDocument(row))];
      this.#offerBackground(slot, repository, source, state, objects);
      const named = documents.map(({ path, size, sha256 }) => ({ path, size, sha256 }));
      const now = this.#context.now();
      if (before && isStillRight(before.root, terms, named, now)) {
        // Made again with what this process can give out, since others may have made it.
        slot.note(before, documents, state);
        slot.checked = revision;
        return;
      }
      const madeAt = Math.max(now, before?.madeAt ?? 0);
      const sealed = await plan.seal({ name, settings, documents: named, madeAt, signer });
      const stamp = Math.max(Math.floor(madeAt / 1000), (before?.root.stamp ?? 0) + 1);
      const sealedUntil = plan.sealedUntil?.(settings, madeAt);
      const root: Root = { terms, documents: named, sealed, stamp, sealedUntil };
      const next = new Generation((before?.number ?? 0) + 1, revision, madeAt, root);
      // Somebody else may have made the next one: then that is the one that everybody reads.
      if (!(await this.#store(repository, name, next, before?.root))) continue;
      slot.note(next, documents, state);
      slot.checked = revision;
      await this.#prune(repository, name, now);
      return;
    }
  }

  /** Has what takes longer made, and offers it in a generation of its own. */
  #offerBackground(
    slot: IndexSlot,
    repository: Repository,
    source: IndexSource,
    state: IndexState,
    objects: readonly IndexObjectRow[],
  ): void {
    this.#background.offer(slot, { source, state }, objects, () => {
      slot.checked = -1;
      return this.current(repository, source.name, source.plan);
    });
  }

  /** Memory that the documents of all indices take, about, in bytes. */
  get usedBytes(): number {
    return this.#slots.calculatedSize;
  }

  /** Starts nothing more in the background, and waits for what has begun. */
  stop(): Promise<void> {
    return this.#background.stop();
  }

  /** Looks at what other processes have made since, so that this one can give out the same. */
  async #catchUp(slot: IndexSlot, source: IndexSource): Promise<void> {
    const after = slot.generation?.number;
    const limit = after === undefined ? 1 : CATCH_UP;
    const rows = await listGenerationsAfter(source.db, source.repositoryId, source.name, after ?? 0, limit);
    for (const row of rows) {
      const state = await this.#stateAt(slot, source, row.revision);
      slot.note(Generation.fromRow(row), state.revision === row.revision ? documentsOf(state) : [], state);
    }
  }

  async #stateAt(slot: IndexSlot, source: IndexSource, revision: number): Promise<IndexState> {
    const known = slot.state;
    if (known && known.revision > revision) return known;
    const state = await (known ? known.advance(source, revision) : IndexState.load(source, revision));
    slot.state = state;
    return state;
  }

  async #store(repository: Repository, name: string, next: Generation, before: Root | undefined): Promise<boolean> {
    const known = new Set(before?.documents.map((document) => document.sha256));
    const fresh = next.root.documents.filter((document) => !known.has(document.sha256));
    const row = {
      repository_id: repository.id,
      name,
      number: next.number,
      revision: next.revision,
      made_at: next.madeAt,
      root_json: JSON.stringify(next.root),
    };
    const digests = fresh.map((document) => document.sha256);
    // Done again after a lost connection, it finds its own row, which is then taken like another's.
    return this.#context.database.write((trx) => insertGeneration(trx, row, digests), { repeatable: true });
  }

  async #prune(repository: Repository, name: string, now: number): Promise<void> {
    const { keep } = this.#options;
    const key = keyOf(repository, name);
    if (now - (this.#prunedAt.get(key) ?? 0) < keep / 4) return;
    this.#prunedAt.set(key, now);
    const oldest = await findGenerationBefore(this.#context.database.read, repository.id, name, now - keep);
    if (!oldest) return;
    const { documents } = JSON.parse(oldest.root_json) as Root;
    const digests = documents.map((document) => document.sha256);
    await this.#context.database.write((trx) => deleteGenerationsBefore(trx, oldest, digests), { repeatable: true });
  }

  async #pastDocument(
    repository: Repository,
    name: string,
    plan: IndexPlan,
    number: number,
    sha256: string,
  ): Promise<IndexDocument | undefined> {
    const row = await findGeneration(this.#context.database.read, repository.id, name, number);
    if (!row) return undefined;
    const settings = await this.settings(repository, name);
    return this.#past.find(this.#source(repository, name, plan, settings), row, sha256);
  }

  async #object(repository: Repository, name: string, sha256: string): Promise<IndexDocument | undefined> {
    const row = await findIndexObject(this.#context.database.read, repository.id, name, sha256);
    return row && this.#toDocument(row);
  }

  #source(repository: Repository, name: string, plan: IndexPlan, settings: JsonObject): IndexSource {
    return { db: this.#context.database.read, repositoryId: repository.id, name, plan, settings };
  }

  #toDocument({ path, size, sha256, storage_key }: IndexObjectRow): IndexDocument {
    const { store } = this.#context;
    return { path, size, sha256, open: (range) => store.open(storage_key, range) };
  }

  #newest(repository: Repository, name: string): Promise<number | undefined> {
    const { cache, database } = this.#context;
    return cache.get(`generation:${keyOf(repository, name)}`, () =>
      findNewestGeneration(database.read, repository.id, name),
    );
  }

  async #findSettings(repository: Repository, name: string): Promise<JsonObject | undefined> {
    const { cache, database } = this.#context;
    const text = await cache.get(`index-settings:${keyOf(repository, name)}`, () =>
      findIndexSettings(database.read, repository.id, name),
    );
    return text === undefined ? undefined : (JSON.parse(text) as JsonObject);
  }

  #slot(repository: Repository, name: string): IndexSlot {
    const key = keyOf(repository, name);
    const known = this.#slots.get(key) ?? this.#starting.get(key);
    if (known) return known;
    const slot = new IndexSlot();
    this.#starting.set(key, slot);
    return slot;
  }

  #known(repository: Repository, name: string, sha256: string): IndexDocument | undefined {
    return this.#slots.get(keyOf(repository, name))?.withDigest(sha256);
  }

  /** Weighs it anew; one that has no documents, because there is no such index, is not kept. */
  #keep(slot: IndexSlot, repository: Repository, name: string): void {
    const key = keyOf(repository, name);
    this.#starting.delete(key);
    // What is in it already is not weighed again.
    this.#slots.delete(key);
    if (slot.generation) this.#slots.set(key, slot);
  }
}

function keyOf(repository: Repository, name: string): string {
  return `${repository.id}:${name}`;
}

function isStillRight(root: Root, terms: string, documents: readonly NamedDigest[], now: number): boolean {
  if (root.terms !== terms || now >= (root.sealedUntil ?? Number.POSITIVE_INFINITY)) return false;
  if (root.documents.length !== documents.length) return false;
  return documents.every((document, index) => {
    const before = root.documents[index];
    return before?.path === document.path && before.sha256 === document.sha256;
  });
}

function digestOf(value: unknown): string {
  return new Bun.CryptoHasher('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}
