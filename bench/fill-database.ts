import type { Insertable } from 'kysely';
import { openDatabase } from '../src/database/database.ts';
import { type Queryable, STILL_THERE, type Tables } from '../src/database/tables.ts';
import { searchName } from '../src/model/search-name.ts';

/** A few large repositories, one of them with most of the packages. */
export const REPOSITORIES = [
  { format: 'pypi', name: 'large', packages: 60_000 },
  { format: 'pypi', name: 'tools', packages: 15_000 },
  { format: 'generic', name: 'builds', packages: 20_000 },
  { format: 'generic', name: 'firmware', packages: 4_900 },
] as const;

const VERSIONS = 5;
const FILES_OF_A_VERSION = 2;
/** The one package with a long history, and a name that nothing else is like. */
export const LONG_PACKAGE = { format: 'pypi', repository: 'large', name: 'needle-in-the-yard', versions: 500 } as const;
export const FILES =
  REPOSITORIES.reduce((sum, { packages }) => sum + packages, 0) * VERSIONS * FILES_OF_A_VERSION +
  LONG_PACKAGE.versions * FILES_OF_A_VERSION;

/** Packages whose rows are inserted in one transaction. */
const BATCH = 100;
const BEGIN = Date.UTC(2026, 0, 1);

const FIRST = (
  'acme amber async audio auto azure batch binary bold build cache cargo cloud cobalt copper data deep delta dev django ' +
  'edge event fast file flask flow graph grid http image iron json kube lake lazy line meta micro mono net open pixel ' +
  'plain py quick react smart solid test velvet'
).split(' ');
const SECOND = (
  'account alert archive badge basket beacon billing bridge bucket buffer calendar camera catalog channel client ' +
  'cluster codec config console cookie counter crawler deploy device diff docs driver email engine export feature feed ' +
  'filter font form gateway hook index invoice journal kernel label ledger loader locale mailer market matrix monitor'
).split(' ');
const THIRD = (
  'api lib-core lib-utils cli lib-client lib-common lib-test server worker lib-async sdk lib-extras lib-fast tools lib-io ' +
  'lib-sql plugin lib-schema lib-types agent lib-auth runner lib-math hub lib-views lib-cache theme lib-stubs addon lib-next ' +
  'legacy lib-compat kit lib-base lib-proto proxy lib-mock lib-forms lib-parse store'
).split(' ');

/** The name of the package with this number: 2,000 begin with each first word, and half of all contain `lib`. */
export function packageName(index: number): string {
  const word = (words: readonly string[], at: number) => words[Math.floor(at) % words.length];
  const second = index / FIRST.length;
  return `${word(FIRST, index)}-${word(SECOND, second)}-${word(THIRD, second / SECOND.length)}`;
}

interface NewPackage {
  readonly format: string;
  readonly name: string;
  readonly versions: number;
}

/**
 * Fills an empty database with a million files, straight through SQL. Their bytes are nowhere: this is for what is made out of
 * the database alone.
 * @param note is told how far it is
 */
export async function fillDatabase(url: string, note: (text: string) => void): Promise<void> {
  const database = await openDatabase(url);
  try {
    const filler = new Filler();
    const begin = performance.now();
    let first = 0;
    for (const { format, name, packages } of REPOSITORIES) {
      filler.beginRepository();
      const all: NewPackage[] = Array.from({ length: packages }, (_, index) => ({
        format,
        name: packageName(first + index),
        versions: VERSIONS,
      }));
      first += packages;
      if (name === LONG_PACKAGE.repository) all.push(LONG_PACKAGE);
      const files = all.reduce((sum, { versions }) => sum + versions * FILES_OF_A_VERSION, 0);
      await database.write((trx) => insertRepository(trx, format, name, files));
      for (let at = 0; at < all.length; at += BATCH) {
        const rows = filler.rowsOf(all.slice(at, at + BATCH), `${format}/${name}`);
        await database.write((trx) => insertRows(trx, rows));
      }
      note(`${format}/${name}: ${files.toLocaleString('en')} files, ${seconds(begin)} s so far`);
    }
    await filler.check(database.read);
  } finally {
    await database.close();
  }
}

type Rows = {
  [Table in 'packages' | 'versions' | 'blobs' | 'files' | 'memberships' | 'revisions' | 'events']: Insertable<
    Tables[Table]
  >[];
};

/** Makes rows whose ids are known before: in an empty database, each table numbers its own from 1. */
class Filler {
  #repository = 0;
  #revision = 0;
  #package = 0;
  #version = 0;
  #file = 0;

  beginRepository(): void {
    this.#repository += 1;
    this.#revision = 0;
  }

  /** @throws Error when a database has numbered its rows differently */
  async check(db: Queryable): Promise<void> {
    const expected = { packages: this.#package, versions: this.#version, blobs: this.#file, files: this.#file };
    for (const [table, count] of Object.entries(expected)) {
      const last = await db
        .selectFrom(table as keyof typeof expected)
        .select((row) => row.fn.max('id').as('id'))
        .executeTakeFirst();
      if (last?.id !== count) throw new Error(`${table} were not numbered from 1 to ${count}: was the database empty?`);
    }
  }

  rowsOf(packages: readonly NewPackage[], repository: string): Rows {
    const rows: Rows = { packages: [], versions: [], blobs: [], files: [], memberships: [], revisions: [], events: [] };
    for (const entry of packages) {
      this.#package += 1;
      for (let version = 0; version < entry.versions; version += 1) {
        const number = `${1 + Math.floor(version / 10)}.${version % 10}`;
        this.#version += 1;
        rows.versions.push({ package_id: this.#package, version: number });
        for (let file = 0; file < FILES_OF_A_VERSION; file += 1) this.#addFile(rows, entry, number, file, repository);
      }
      rows.packages.push({
        repository_id: this.#repository,
        name: entry.name,
        display_name: entry.name,
        search_name: searchName(entry.name),
        status: 'active',
        status_reason: '',
        revision: this.#revision,
        file_count: entry.versions * FILES_OF_A_VERSION,
      });
    }
    return rows;
  }

  #addFile(
    rows: Rows,
    { format, name, versions: _ }: NewPackage,
    version: string,
    number: number,
    repository: string,
  ): void {
    this.#file += 1;
    this.#revision += 1;
    const at = BEGIN + this.#file * 1000;
    const { fileName, path, metadata } =
      format === 'pypi' ? distribution(name, version, number) : artifact(name, version, number);
    const sha256 = new Bun.CryptoHasher('sha256').update(String(this.#file)).digest('hex');
    rows.blobs.push({
      sha256,
      size: 10_000 + this.#file,
      storage_key: `blobs-v1/sha256/${sha256.slice(0, 2)}/${sha256}`,
      created_at: at,
    });
    rows.files.push({ blob_id: this.#file, name: fileName, metadata_json: JSON.stringify(metadata) });
    rows.memberships.push({
      repository_id: this.#repository,
      package_id: this.#package,
      version_id: this.#version,
      file_id: this.#file,
      path,
      added_in: this.#revision,
      removed_in: STILL_THERE,
      added_at: at,
      added_by: 'bench',
      yanked: null,
    });
    rows.revisions.push({
      repository_id: this.#repository,
      number: this.#revision,
      actor: 'bench',
      reason: `publish ${path}`,
      at,
    });
    rows.events.push({
      at,
      actor: 'bench',
      action: 'file.publish',
      repository,
      subject: path,
      detail_json: JSON.stringify({ sha256, revision: this.#revision }),
      request_id: null,
      address: '127.0.0.1',
    });
  }
}

function distribution(name: string, version: string, number: number) {
  const module = name.replaceAll('-', '_');
  const fileName = number === 0 ? `${module}-${version}-py3-none-any.whl` : `${module}-${version}.tar.gz`;
  const wheel = { fileType: 'bdist_wheel', pythonTag: 'py3', coreMetadataSha256: '0'.repeat(64) };
  const kind = number === 0 ? wheel : { fileType: 'sdist', pythonTag: 'source' };
  return {
    fileName,
    path: `${name}/${fileName}`,
    metadata: { ...kind, requiresPython: '>=3.10', summary: `All about ${name}.` },
  };
}

function artifact(name: string, version: string, number: number) {
  const fileName = `${name}-${version}-${number === 0 ? 'x86_64' : 'aarch64'}.tar.gz`;
  return { fileName, path: `${name}/${version}/${fileName}`, metadata: {} };
}

async function insertRepository(trx: Queryable, format: string, name: string, files: number): Promise<void> {
  const settings = { visibility: 'default', write_policy: 'immutable', keep_versions: null, keep_days: null };
  await trx
    .insertInto('repositories')
    .values({
      format,
      name,
      ...settings,
      revision: files,
      created_at: BEGIN,
      file_count: files,
      removed_at: null,
      removed_name: null,
    })
    .execute();
}

async function insertRows(trx: Queryable, rows: Rows): Promise<void> {
  await trx.insertInto('packages').values(rows.packages).execute();
  await trx.insertInto('versions').values(rows.versions).execute();
  await trx.insertInto('blobs').values(rows.blobs).execute();
  await trx.insertInto('files').values(rows.files).execute();
  await trx.insertInto('memberships').values(rows.memberships).execute();
  await trx.insertInto('revisions').values(rows.revisions).execute();
  await trx.insertInto('events').values(rows.events).execute();
}

function seconds(begin: number): string {
  return ((performance.now() - begin) / 1000).toFixed(0);
}
