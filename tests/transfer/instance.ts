import { PackyardClient } from '../../src/client/packyard-client.ts';
import { openDatabase } from '../../src/database/database.ts';
import { readIncomplete } from '../../src/database/queries/transfer-marks.ts';
import { TRANSFER_TABLES } from '../../src/database/queries/transfer-tables.ts';
import { readPages, summarize } from '../../src/registry/transfer/row-pages.ts';
import { bearer, createRepository, createToken, publish, putFile, yank } from '../support/api.ts';
import { inCheckout } from '../support/paths.ts';
import { pushImage } from '../support/push-image.ts';
import { cleanEnvironment, type RunResult, run } from '../support/run.ts';
import { TestServer } from '../support/start-server.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { createTestStorage } from '../support/test-storage.ts';
import { makeSdist, makeWheel, sha256 } from '../support/wheel.ts';

/** Runs a command of `packyard`. */
export function packyard(...args: readonly string[]): Promise<RunResult> {
  return run(['node', inCheckout('bin/packyard'), ...args]);
}

/** The same, for killing it: without the launcher, so that nothing is left. */
export function startPackyard(...args: readonly string[]): Bun.Subprocess<'ignore', 'pipe', 'pipe'> {
  return Bun.spawn([process.execPath, inCheckout('src/main.ts'), ...args], {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Kills a process with -9 as soon as the condition holds; throws if it ended before. */
export async function killWhen(child: Bun.Subprocess, condition: () => boolean): Promise<void> {
  while (!condition()) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} before it could be killed`);
    await Bun.sleep(2);
  }
  child.kill('SIGKILL');
  await child.exited;
}

/** An empty data folder, an empty database and an empty storage. */
export class EmptyPlaces implements AsyncDisposable {
  readonly folder: TempFolder;
  readonly database: string;
  readonly storage: string;
  readonly #dispose: () => Promise<void>;

  private constructor(folder: TempFolder, database: TestDatabase, storage?: string) {
    this.folder = folder;
    this.database = database.url;
    this.storage = storage ?? `file:${folder.join('blobs')}`;
    this.#dispose = () => database.dispose();
  }

  /** Of the kinds that this pass of the tests is for. @param storage `folder`: a folder in any pass */
  static async create(storage?: 'folder'): Promise<EmptyPlaces> {
    const database = await createTestDatabase();
    return new EmptyPlaces(new TempFolder('places'), database, storage ? undefined : await createTestStorage());
  }

  /** SQLite, whatever this pass is for; and a folder unless another storage is named. */
  static sqlite(storage?: string): EmptyPlaces {
    const folder = new TempFolder('places');
    return new EmptyPlaces(folder, { url: `sqlite:${folder.join('other.sqlite')}`, dispose: async () => {} }, storage);
  }

  get flags(): readonly string[] {
    return ['--data', this.folder.path, '--database', this.database, '--storage', this.storage];
  }

  /** Starts a server on what has come to be there. @param adminToken of the instance that was copied */
  serve(adminToken: string): Promise<TestServer> {
    return TestServer.start({ dataDir: this.folder.path, database: this.database, storage: this.storage, adminToken });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispose();
    this.folder.dispose();
  }
}

/** Fills a server with something of every kind; returns a token that may read one repository only. */
export async function fillInstance(server: TestServer): Promise<string> {
  const client = new PackyardClient({ url: server.url, token: server.adminToken });
  await createRepository(server, 'pypi/tools', { visibility: 'private' });
  await createRepository(server, 'generic/mutable', { writePolicy: 'overwrite' });
  for (const version of ['1.0', '1.1', '2.0']) await publish(server, 'tools', makeWheel({ name: 'tool', version }));
  await publish(server, 'tools', makeSdist({ name: 'tool', version: '2.0' }));
  await publish(server, 'tools', makeWheel({ name: 'Näme_1'.replace('ä', 'a'), version: '1.0' }));
  await yank(server, 'pypi/tools', 'tool', '1.0', 'it does not “work” 🐛');
  const tools = { format: 'pypi', name: 'tools' };
  await client.setAlias(tools, 'tool', { name: 'latest', target: '1.1' });
  await client.setAlias(tools, 'tool', { name: 'latest', target: '2.0' });
  await client.setPackageStatus(tools, 'name-1', 'archived', 'nobody knows what it was for');
  await client.remove(tools, { package: 'tool', version: '1.1' });
  await putFile(server, 'mutable/app/1/état 📦.bin', 'first');
  await putFile(server, 'mutable/app/1/état 📦.bin', 'second');
  await putFile(server, 'mutable/app/1/empty', '');
  for (const repository of ['first', 'second']) await putFile(server, `${repository}/p/1/same.txt`, 'shared bytes');
  await pushImage(server, 'team/app:1.0', ['first layer', 'shared bytes']);
  await pushImage(server, 'team/app:latest', ['second layer', 'shared bytes']);
  await putFile(server, 'gone/p/1/f', 'of a removed repository');
  await client.removeRepository({ format: 'generic', name: 'gone' });
  await client.updateRepository({ format: 'generic', name: 'first' }, { retention: { keepVersions: 3 } });
  const revoked = await client.createToken({ name: 'revoked', scopes: [{ repository: '*', actions: ['read'] }] });
  await client.revokeToken(revoked.id);
  return createToken(server, 'reader', 'pypi/tools', ['read']);
}

/** Everything that the API tells of an instance, with the digests of the bytes that it sends. */
export async function describeInstance(server: TestServer): Promise<unknown> {
  const client = new PackyardClient({ url: server.url, token: server.adminToken });
  const described: unknown[] = [];
  for (const repository of await client.repositories()) {
    described.push(repository, await client.revisions(repository, 1000), await client.deleted(repository));
    for (const { name } of (await client.packages(repository)).items) {
      const details = await client.package(repository, name);
      described.push(details);
      for (const file of details.files) {
        const response = await fetch(`${server.url}${file.url}`, { headers: bearer(server.adminToken) });
        const digest = sha256(await response.bytes());
        if (digest !== file.sha256) throw new Error(`${file.url} has other bytes than it should (${response.status})`);
        described.push(digest);
      }
      if (repository.format === 'oci') described.push(await describeImage(server, name));
    }
  }
  described.push(await client.removedRepositories(), (await client.events({ limit: 200 })).items);
  described.push((await client.tokens()).map((token) => ({ ...token, lastUsedAt: undefined })));
  return described;
}

/** The tags of an image, and the digests of the layers that they lead to, as they are sent. */
async function describeImage(server: TestServer, name: string): Promise<unknown> {
  const get = async (path: string) => {
    const response = await fetch(`${server.url}/v2/${name}/${path}`, { headers: bearer(server.adminToken) });
    if (!response.ok) throw new Error(`${path} is answered ${response.status}`);
    return response;
  };
  const { tags } = (await (await get('tags/list')).json()) as { tags: string[] };
  const layers: string[] = [];
  for (const tag of tags) {
    const manifest = (await (await get(`manifests/${tag}`)).json()) as { layers: { digest: string }[] };
    for (const { digest } of manifest.layers) {
      const found = `sha256:${sha256(await (await get(`blobs/${digest}`)).bytes())}`;
      if (found !== digest) throw new Error(`${digest} has other bytes than it should: ${found}`);
      layers.push(found);
    }
  }
  return { tags, layers };
}

/** Rows and digest of every table, which are equal for equal instances, whatever the kind of database. */
export async function describeTables(url: string): Promise<unknown> {
  const database = await openDatabase(url);
  try {
    const summaries: Record<string, unknown> = {};
    for (const table of TRANSFER_TABLES) {
      // When tokens were used is noted now and then by whoever serves.
      const columns = table.columns.filter((column) => column !== 'last_used_at');
      summaries[table.name] = await summarize(readPages(database.read, { ...table, columns }));
    }
    return summaries;
  } finally {
    await database.close();
  }
}

/** Which work has left this database half filled. */
export async function incompleteWork(url: string): Promise<string | undefined> {
  const database = await openDatabase(url, { evenIncomplete: true });
  try {
    return await readIncomplete(database.read);
  } finally {
    await database.close();
  }
}

/** Publishes so many small files that are all different. */
export async function putMany(server: TestServer, repository: string, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => index);
  const sender = async (): Promise<void> => {
    for (let index = names.pop(); index !== undefined; index = names.pop()) {
      const response = await putFile(server, `${repository}/p/${index}/f`, `${repository} ${index}`);
      if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, sender));
}
