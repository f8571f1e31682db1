import type { MigrateOptions } from '../../database/migrate.ts';
import { LEVELS } from '../../database/migrations/index.ts';
import { readLevel } from '../../database/queries/transfer.ts';
import type { BlobRow } from '../../database/queries/transfer-blobs.ts';
import { markComplete } from '../../database/queries/transfer-marks.ts';
import { PackyardError } from '../../model/errors.ts';
import { type StepObserver, UNWATCHED } from '../../model/step-observer.ts';
import { alone } from '../maintenance/alone.ts';
import { BackupFolder } from './backup-folder.ts';
import { backupBlobs } from './blob-source.ts';
import { checkBlobs } from './check-blobs.ts';
import { checkSnapshot } from './check-snapshot.ts';
import { type Damage, DamageLog } from './damage.ts';
import { loadBlobs } from './load-blobs.ts';
import { checkRows, clearRows, loadRows } from './load-rows.ts';
import { type Manifest, tablesOf } from './manifest.ts';
import { copying } from './place-blob.ts';
import { readTableFile } from './table-file.ts';
import { begin, isBegun, type Target } from './target.ts';

export interface RestoreOptions {
  /** The newest if left out. */
  readonly snapshot?: string;
  /** Finish also when bytes of some files cannot be had. */
  readonly acceptDamage?: boolean;
  readonly observer?: StepObserver;
}

export interface RestoreReport {
  readonly snapshot: string;
  /** Rows of each table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly blobs: { readonly count: number; readonly bytes: number };
  readonly damage: Damage;
  /** False: the instance stays half filled, because of the damage, and no server serves it. */
  readonly complete: boolean;
}

/** Opens the places to be filled, which need not be complete. Called twice, since the tables are brought up to date last. */
export type OpenTarget = (options: MigrateOptions) => Promise<Target & { close(): Promise<void> }>;

/**
 * Brings an instance back out of a folder of backups, into any empty database and storage. Broken off at any point, the
 * instance is marked as half filled, so that nobody serves it; the same call again goes on.
 * @throws PackyardError `conflict` (there is something in the places), `digest_mismatch` (the snapshot's rows are damaged),
 * `not_found`, `invalid_request` (made by a newer version)
 */
export async function restore(
  path: string,
  openTarget: OpenTarget,
  options: RestoreOptions = {},
): Promise<RestoreReport> {
  const folder = await BackupFolder.open(path);
  const snapshot = options.snapshot ?? (await newest(folder));
  const manifest = await folder.manifest(snapshot);
  if (!LEVELS.includes(manifest.level)) throw fromNewer(snapshot, manifest);
  const { observer = UNWATCHED } = options;
  await checkSnapshot(folder, snapshot, manifest, observer);

  const target = await openTarget({ upTo: manifest.level, evenIncomplete: true });
  let damage: Damage;
  try {
    observer.begin('wait for other maintenance');
    damage = await alone(target.database, 'the restore', (lease) =>
      fill(target, { folder, snapshot, manifest }, { observer, check: () => lease.check() }),
    );
  } finally {
    await target.close();
  }
  const complete = damage.count === 0 || options.acceptDamage === true;
  if (complete) await finish(openTarget);
  const { count, bytes } = manifest.blobs;
  const rows = Object.fromEntries(tablesOf(manifest).map(({ name }) => [name, manifest.tables[name]?.rows ?? 0]));
  return { snapshot, rows, blobs: { count, bytes }, damage, complete };
}

interface Source {
  readonly folder: BackupFolder;
  readonly snapshot: string;
  readonly manifest: Manifest;
}

async function fill(
  target: Target,
  { folder, snapshot, manifest }: Source,
  options: { readonly observer: StepObserver; readonly check: () => void },
): Promise<Damage> {
  const { observer } = options;
  const work = `restore of ${snapshot}`;
  const begun = await isBegun(target, work);
  const level = await readLevel(target.database.read);
  if (level !== manifest.level) {
    // The tables are brought up to date when everything is in them: only the end is missing.
    if (begun) return new DamageLog().report(target.database.read);
    throw tooNew(target, level, manifest);
  }
  if (!begun) await begin(target, work);
  observer.begin('remove the rows of the attempt before');
  await clearRows(target, options);
  const pages = (table: string) => readTableFile(folder.tablePath(snapshot, table));
  const placing = copying(backupBlobs(folder), target.store);
  observer.begin('copy bytes', manifest.blobs.count);
  await loadBlobs(target, blobPages(pages('blobs')), placing, options);
  const rows = { tables: tablesOf(manifest), pages: ({ name }: { readonly name: string }) => pages(name) };
  const total = rows.tables.reduce((sum, { name }) => sum + (manifest.tables[name]?.rows ?? 0), 0);
  observer.begin('load rows', total - manifest.blobs.count);
  await loadRows(target, rows, options);
  observer.begin('check rows', total);
  await checkRows(target, rows.tables, manifest.tables, options);
  observer.begin('check bytes', manifest.blobs.count);
  const damage = await checkBlobs(target, placing, { ...options, verify: false });
  observer.end();
  return damage.report(target.database.read);
}

async function* blobPages(
  pages: AsyncIterable<{ readonly rows: readonly unknown[] }>,
): AsyncIterable<readonly BlobRow[]> {
  for await (const { rows } of pages) yield rows as readonly BlobRow[];
}

/** Brings the tables up to date and takes the mark away. */
async function finish(openTarget: OpenTarget): Promise<void> {
  const { database, close } = await openTarget({ evenIncomplete: true });
  try {
    await database.write((trx) => markComplete(trx), { repeatable: true });
  } finally {
    await close();
  }
}

async function newest(folder: BackupFolder): Promise<string> {
  const snapshot = (await folder.snapshots()).at(-1);
  if (snapshot !== undefined) return snapshot;
  throw new PackyardError('not_found', `there is no complete snapshot in ${folder.path}`, {
    hint: 'backups that were broken off do not count; look for another folder',
  });
}

function fromNewer(snapshot: string, manifest: Manifest): PackyardError {
  return new PackyardError('invalid_request', `${snapshot} was made by Packyard ${manifest.packyard}, a newer one`, {
    hint: 'restore it with that version or a later one',
  });
}

function tooNew({ database }: Target, level: string, manifest: Manifest): PackyardError {
  return new PackyardError(
    'conflict',
    `${database.description} has tables of ${level}, but the snapshot is of ${manifest.level}`,
    { hint: 'restore into a database without any tables: make a new one, or name another with the setting database' },
  );
}
