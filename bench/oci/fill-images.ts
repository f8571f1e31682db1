import type { Insertable } from 'kysely';
import { openDatabase } from '../../src/database/database.ts';
import { type Queryable, STILL_THERE, type Tables } from '../../src/database/tables.ts';
import { searchName } from '../../src/model/search-name.ts';
import { MANIFEST } from './push.ts';

/** Images in one large repository, in many middling ones, and each in one of its own. */
const LARGE = 60_000;
const TEAMS = 300;
const IMAGES_OF_A_TEAM = 100;
const ALONE = 10_000;

export const LONG_IMAGE = 'bench/long';
export const TAGS = 100_000;
/**
 * Every image has a manifest with one layer and one tag; the long one has as many as it has tags. All manifests name the same empty
 * description, as those do of what is not an image.
 */
export const BLOBS = 1 + 2 * (LARGE + TEAMS * IMAGES_OF_A_TEAM + ALONE + TAGS);

/** Manifests whose rows are inserted in one transaction. */
const BATCH = 500;
const BEGIN = Date.UTC(2026, 0, 1);

export const IMAGES: readonly string[] = [
  ...Array.from({ length: LARGE }, (_, index) => `mirror/channel-${index % 40}/package-${index}`),
  ...Array.from({ length: TEAMS * IMAGES_OF_A_TEAM }, (_, index) => `team-${index % TEAMS}/app-${index}`),
  ...Array.from({ length: ALONE }, (_, index) => `tool-${index}`),
];

export function tagName(index: number): string {
  return `${Math.floor(index / 10_000)}.${Math.floor(index / 100) % 100}.${index % 100}`;
}

/** Fills an empty database with images, straight through SQL. Their bytes are nowhere: this is for lists and for gc. */
export async function fillImages(url: string, note: (text: string) => void): Promise<void> {
  const database = await openDatabase(url);
  try {
    const begin = performance.now();
    const filler = new Filler();
    const repositories = Map.groupBy(IMAGES, (image) => image.split('/', 1)[0] ?? '');
    const names = [...repositories.keys(), 'bench'];
    const numbers = new Map(names.map((name, index) => [name, 1 + index]));
    for (let at = 0; at < names.length; at += BATCH) {
      const rows = names
        .slice(at, at + BATCH)
        .map((name) => repositoryRow(name, repositories.get(name)?.length ?? TAGS));
      await database.write((trx) => trx.insertInto('repositories').values(rows).execute());
    }
    const insert = (rows: Rows) => database.write((trx) => insertRows(trx, rows));
    await insert(filler.description());
    const repositoryOf = (image: string) => numbers.get(image.split('/', 1)[0] ?? '') ?? 0;
    for (let at = 0; at < IMAGES.length; at += BATCH)
      await insert(filler.images(IMAGES.slice(at, at + BATCH), repositoryOf));
    await insert(filler.longImage(names.length));
    for (let at = 0; at < TAGS; at += BATCH) await insert(filler.tags(names.length, at, Math.min(TAGS, at + BATCH)));
    await filler.check(database.read);
    note(`filled with ${BLOBS.toLocaleString('en')} blobs in ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  } finally {
    await database.close();
  }
}

const TABLES = [
  'packages',
  'versions',
  'blobs',
  'files',
  'memberships',
  'aliases',
  'package_blobs',
  'file_references',
] as const;
type Rows = { [Table in (typeof TABLES)[number]]: Insertable<Tables[Table]>[] };

function noRows(): Rows {
  return {
    packages: [],
    versions: [],
    blobs: [],
    files: [],
    memberships: [],
    aliases: [],
    package_blobs: [],
    file_references: [],
  };
}

/** Makes rows whose ids are known before: in an empty database, each table numbers its own from 1. */
class Filler {
  #package = 0;
  #manifest = 0;
  #blob = 0;
  #description = '';

  /** What every manifest names, to be inserted before all else. */
  description(): Rows {
    const rows = noRows();
    this.#description = this.#addBlob(rows, 'description', 2);
    return rows;
  }

  images(names: readonly string[], repositoryOf: (image: string) => number): Rows {
    const rows = noRows();
    for (const name of names) {
      const repository = repositoryOf(name);
      this.#addPackage(rows, repository, name, 1);
      this.#addManifest(rows, repository, name, 'latest');
    }
    return rows;
  }

  longImage(repository: number): Rows {
    const rows = noRows();
    this.#addPackage(rows, repository, LONG_IMAGE, TAGS);
    return rows;
  }

  tags(repository: number, from: number, to: number): Rows {
    const rows = noRows();
    for (let index = from; index < to; index += 1) this.#addManifest(rows, repository, LONG_IMAGE, tagName(index));
    return rows;
  }

  /** @throws Error when a database has numbered its rows differently */
  async check(db: Queryable): Promise<void> {
    const expected = { packages: this.#package, versions: this.#manifest, files: this.#manifest, blobs: this.#blob };
    for (const [table, count] of Object.entries(expected)) {
      const last = await db
        .selectFrom(table as keyof typeof expected)
        .select((row) => row.fn.max('id').as('id'))
        .executeTakeFirst();
      if (last?.id !== count) throw new Error(`${table} were not numbered from 1 to ${count}: was the database empty?`);
    }
  }

  #addPackage(rows: Rows, repository: number, name: string, files: number): void {
    this.#package += 1;
    rows.packages.push({
      repository_id: repository,
      name,
      display_name: name,
      search_name: searchName(name),
      status: 'active',
      status_reason: '',
      revision: 1,
      file_count: files,
      has_blobs: 1,
    });
    // The first of all blobs.
    rows.package_blobs.push(ownBlob(this.#package, this.#description, 1));
  }

  #addManifest(rows: Rows, repository: number, image: string, tag: string): void {
    this.#manifest += 1;
    const manifest = this.#addBlob(rows, 'manifest', 1_500);
    const layer = this.#addBlob(rows, 'layer', 1_000_000 + this.#blob);
    const place = { repository_id: repository, package_id: this.#package };
    const metadata = { mediaType: MANIFEST };
    rows.versions.push({ package_id: this.#package, version: manifest });
    rows.files.push({ blob_id: this.#blob - 1, name: manifest, metadata_json: JSON.stringify(metadata) });
    rows.memberships.push({
      ...place,
      version_id: this.#manifest,
      file_id: this.#manifest,
      path: `${image}/manifests/${manifest}`,
      added_in: 1,
      removed_in: STILL_THERE,
      added_at: BEGIN,
      added_by: 'bench',
      yanked: null,
    });
    rows.aliases.push({ ...place, name: tag, target: manifest, added_in: 1, removed_in: STILL_THERE });
    rows.package_blobs.push(ownBlob(this.#package, layer, this.#blob));
    for (const digest of [this.#description, layer])
      rows.file_references.push({ file_id: this.#manifest, kind: 'blob', digest });
  }

  /** Returns its digest. */
  #addBlob(rows: Rows, kind: string, size: number): string {
    this.#blob += 1;
    const sha256 = new Bun.CryptoHasher('sha256').update(`${kind} ${this.#blob}`).digest('hex');
    const storage_key = `blobs-v1/sha256/${sha256.slice(0, 2)}/${sha256}`;
    rows.blobs.push({ sha256, size, storage_key, created_at: BEGIN });
    return `sha256:${sha256}`;
  }
}

function ownBlob(packageId: number, digest: string, blobId: number): Insertable<Tables['package_blobs']> {
  return { package_id: packageId, digest, blob_id: blobId, referenced: 1, added_at: BEGIN, added_by: 'bench' };
}

function repositoryRow(name: string, files: number): Insertable<Tables['repositories']> {
  return {
    format: 'oci',
    name,
    visibility: 'default',
    write_policy: 'immutable',
    keep_versions: null,
    keep_days: null,
    revision: 1,
    created_at: BEGIN,
    file_count: files,
    removed_at: null,
    removed_name: null,
  };
}

async function insertRows(trx: Queryable, rows: Rows): Promise<void> {
  for (const table of TABLES) {
    const values = rows[table] as Insertable<Tables['packages']>[];
    if (values.length > 0)
      await trx
        .insertInto(table as 'packages')
        .values(values)
        .execute();
  }
}
