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
import { type BackgroundJob, buildInBackground, isWanting } from './background-builder.ts';
import { documentsOf, Generation, type IndexDocument, type Root } from './generation.ts';
import type { IndexPlan, NamedDigest } from './index-plan.ts';
import { IndexSlot } from './index-slot.ts';
import { IndexState } from './index-state.ts';

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
  /** Past states that somebody still reads, made again from the rows. */
  readonly #past = new LRUCache<string, Promise<readonly IndexDocument[]>>({ max: 4 });
  readonly #prunedAt = new Map<string, number>();
  /** Background work that is to begin, and that has begun. */
  readonly #waiting = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #running = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  constructor(context: RegistryContext, signing: SigningKeys, options: IndexesOptions) {
    this.#context = context;
    this.#signing = signing;
    this.#options = options;
    this.#slots = new LRUCache({ maxSize: options.memoryBytes, sizeCalculation: (slot) => slot.weight });
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
    if (!(await this.current(repository, name, plan))) return undefined;
    return (
      this.#known(repository, name, sha256) ??
      (await this.#object(repository, name, sha256)) ??
      (await this.#pastDocument(repository, name, plan, sha256))
    );
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
    const settings = await this.#findSettings(repository, name);
    await this.#forgetStale(slot);
    for (;;) {
      await this.#catchUp(slot, repository, name, plan, settings ?? {});
      const before = slot.generation;
      const revision = Math.max(repository.revision, before?.revision ?? 0);
      const state = await this.#stateAt(slot, repository, name, plan, revision, settings ?? {});
      if (state.isEmpty && !settings && !before) return;
      const signer = await this.#signing.signer(repository);
      const terms = digestOf([plan.version, settings ?? {}, signer.fingerprints]);
      const objects = await listIndexObjects(this.#context.database.read, repository.id, name);
      const documents = [...documentsOf(state), ...objects.map((row) => this.#toDocument(row))];
      this.#startBackground(slot, { repository, name, plan, state, settings: settings ?? {} }, objects);
      const named = documents.map(({ path, size, sha256 }) => ({ path, size, sha256 }));
      const now = this.#context.now();
      if (before && isStillRight(before.root, terms, named, now)) {
        // Made again with what this process can give out, since others may have made it.
        slot.note(before, documents);
        slot.checked = revision;
        return;
      }
      const madeAt = Math.max(now, before?.madeAt ?? 0);
      const sealed = await plan.seal({ name, settings: settings ?? {}, documents: named, madeAt, signer });
      const stamp = Math.max(Math.floor(madeAt / 1000), (before?.root.stamp ?? 0) + 1);
      const sealedUntil = plan.sealedUntil?.(settings ?? {}, madeAt);
      const root: Root = { terms, documents: named, sealed, stamp, sealedUntil };
      const next = new Generation((before?.number ?? 0) + 1, revision, madeAt, root);
      // Somebody else may have made the next one: then that is the one that everybody reads.
      if (!(await this.#store(repository, name, next, before?.root))) continue;
      slot.note(next, documents);
      slot.checked = revision;
      await this.#prune(repository, name, now);
      return;
    }
  }

  /** Makes what takes longer, a while after the last change, and offers it in a generation of its own. */
  #startBackground(slot: IndexSlot, job: Omit<BackgroundJob, 'background'>, objects: readonly IndexObjectRow[]): void {
    const { background } = job.plan;
    const key = keyOf(job.repository, job.name);
    if (!background || !isWanting({ ...job, background }, objects)) return;
    clearTimeout(this.#waiting.get(key));
    const timer = setTimeout(() => {
      this.#waiting.delete(key);
      const done = buildInBackground(this.#context, { ...job, background, signal: this.#ending.signal })
        .then(async (changed) => {
          if (!changed) return;
          slot.checked = -1;
          await this.current(job.repository, job.name, job.plan);
        })
        .catch((error: unknown) => {
          if (!this.#ending.signal.aborted) this.#options.onBackgroundError?.(error);
        })
        .finally(() => this.#running.delete(done));
      this.#running.add(done);
    }, this.#options.backgroundDelay ?? BACKGROUND_DELAY);
    timer.unref();
    this.#waiting.set(key, timer);
  }

  /** Starts nothing more in the background, and waits for what has begun. */
  async stop(): Promise<void> {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#ending.abort();
    await Promise.all(this.#running);
  }

  /** Looks at what other processes have made since, so that this one can give out the same. */
  async #catchUp(
    slot: IndexSlot,
    repository: Repository,
    name: string,
    plan: IndexPlan,
    settings: JsonObject,
  ): Promise<void> {
    const { read } = this.#context.database;
    const after = slot.generation?.number;
    const limit = after === undefined ? 1 : CATCH_UP;
    const rows = await listGenerationsAfter(read, repository.id, name, after ?? 0, limit);
    for (const row of rows) {
      const generation = Generation.fromRow(row);
      const state = await this.#stateAt(slot, repository, name, plan, row.revision, settings);
      slot.note(generation, state.revision === row.revision ? documentsOf(state) : []);
    }
  }

  async #stateAt(
    slot: IndexSlot,
    repository: Repository,
    name: string,
    plan: IndexPlan,
    revision: number,
    settings: JsonObject,
  ): Promise<IndexState> {
    const place = { repositoryId: repository.id, name };
    const { read } = this.#context.database;
    const known = slot.state;
    if (!known) slot.state = await IndexState.load(read, plan, place, revision, settings);
    else if (known.revision <= revision) slot.state = await known.advance(read, plan, place, revision, settings);
    slot.advancedAt = this.#context.now();
    return slot.state ?? Promise.reject(new Error('an index has no state'));
  }

  /** What has not been looked at for long cannot be brought up to date: rows that tell what went may be purged. */
  async #forgetStale(slot: IndexSlot): Promise<void> {
    if (this.#context.now() - slot.advancedAt > this.#context.grace / 2) slot.state = undefined;
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
    sha256: string,
  ): Promise<IndexDocument | undefined> {
    const { read } = this.#context.database;
    const number = await findGenerationOf(read, repository.id, name, sha256);
    const row = number === undefined ? undefined : await findGeneration(read, repository.id, name, number);
    if (!row) return undefined;
    const key = `${keyOf(repository, name)}:${row.number}`;
    let documents = this.#past.get(key);
    if (!documents) {
      documents = this.settings(repository, name).then(async (settings) => {
        const place = { repositoryId: repository.id, name };
        return documentsOf(await IndexState.load(read, plan, place, row.revision, settings));
      });
      this.#past.set(key, documents);
      documents.catch(() => this.#past.delete(key));
    }
    return (await documents).find((document) => document.sha256 === sha256);
  }

  async #object(repository: Repository, name: string, sha256: string): Promise<IndexDocument | undefined> {
    const row = await findIndexObject(this.#context.database.read, repository.id, name, sha256);
    return row && this.#toDocument(row);
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
