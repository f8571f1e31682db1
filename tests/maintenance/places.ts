import { type Database, openDatabase } from '../../src/database/database.ts';
import { createRegistry } from '../../src/registry/create-registry.ts';
import type { Actor, PublishOutcome, Repository } from '../../src/registry/model.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { FsObjectStore } from '../../src/storage/fs.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { createTestDatabase } from '../support/test-database.ts';

export const ACTOR: Actor = { name: 'tester' };
export const REF = { format: 'generic', name: 'files' };
export const DAY = 86_400_000;

/** A database, a folder of objects and the domain over them. */
export class TestPlaces implements AsyncDisposable {
  readonly url: string;
  readonly database: Database;
  readonly store: FsObjectStore;
  readonly registry: Registry;
  readonly folder: TempFolder;
  /** What the registry takes for the present; milliseconds. */
  readonly clock: { now: number };
  readonly #disposeDatabase: () => Promise<void>;

  private constructor(
    url: string,
    database: Database,
    disposeDatabase: () => Promise<void>,
    store: FsObjectStore,
    folder: TempFolder,
  ) {
    this.url = url;
    this.database = database;
    this.#disposeDatabase = disposeDatabase;
    this.store = store;
    this.folder = folder;
    this.clock = { now: Date.now() };
    this.registry = createRegistry({ database, store, now: () => this.clock.now }).registry;
  }

  static async create(): Promise<TestPlaces> {
    const { url, dispose } = await createTestDatabase();
    const folder = new TempFolder('objects');
    const database = await openDatabase(url);
    const places = new TestPlaces(url, database, dispose, await FsObjectStore.open(folder.path), folder);
    // Every instance that ever served has a user; without one, no object can be its own.
    const created_at = Date.now() - 100 * DAY;
    await database.write((trx) => trx.insertInto('users').values({ name: 'admin', created_at }).execute());
    return places;
  }

  get context() {
    return { database: this.database, store: this.store, now: () => this.clock.now };
  }

  /** Publishes a text as `<package>/<version>/<name>`. */
  async put(path: string, text: string, repository = REF.name): Promise<PublishOutcome> {
    const [packageName = '', version = '', name = ''] = path.split('/');
    const staged = await this.registry.stage([Buffer.from(text)]);
    try {
      return await this.registry.publish({
        repository: { ...REF, name: repository },
        repositoryId: 0,
        actor: ACTOR,
        package: packageName,
        version,
        file: { name, path, staged, metadata: { text }, sidecars: [{ name: 'note', content: new Uint8Array([1]) }] },
      });
    } finally {
      await staged.discard();
    }
  }

  async remove(path: string, repository = REF.name): Promise<void> {
    const found = await this.repository(repository);
    const file = found && (await this.registry.fileAt(found, path));
    if (found && file) await this.registry.remove(found, [file], ACTOR);
  }

  repository(name = REF.name): Promise<Repository | undefined> {
    return this.registry.repository({ ...REF, name });
  }

  /** The text that a reader gets; undefined when there is no such file. */
  async read(path: string, repository = REF.name): Promise<string | undefined> {
    const found = await this.repository(repository);
    const file = found && (await this.registry.fileAt(found, path));
    return file && new Response(await this.registry.openFile(file)).text();
  }

  /** The keys of everything in the store. */
  async keys(): Promise<string[]> {
    const objects = await Array.fromAsync(this.store.list());
    return objects.map((object) => object.key).sort();
  }

  /** How many rows these tables have. */
  async counts(
    ...tables: readonly (
      | 'memberships'
      | 'files'
      | 'sidecars'
      | 'blobs'
      | 'versions'
      | 'packages'
      | 'aliases'
      | 'repositories'
      | 'revisions'
    )[]
  ) {
    const counts: Record<string, number> = {};
    for (const table of tables) {
      const rows = await this.database.read
        .selectFrom(table as 'blobs')
        .selectAll()
        .execute();
      counts[table] = rows.length;
    }
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.close();
    await this.#disposeDatabase();
    this.folder.dispose();
  }
}
