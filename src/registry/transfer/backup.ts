import type { Database } from '../../database/database.ts';
import { readLevel } from '../../database/queries/transfer.ts';
import type { BlobRow } from '../../database/queries/transfer-blobs.ts';
import { TRANSFER_TABLES, type TransferTable } from '../../database/queries/transfer-tables.ts';
import type { Queryable } from '../../database/tables.ts';
import { type StepObserver, UNWATCHED } from '../../model/step-observer.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { alone } from '../maintenance/alone.ts';
import { inBackup } from './backup-error.ts';
import { snapshotName } from './backup-folder.ts';
import { BackupWriter } from './backup-writer.ts';
import { checkBelongTogether } from './belong-together.ts';
import { CopyToBackup } from './copy-to-backup.ts';
import type { Damage } from './damage.ts';
import { BACKUP_FORMAT, type Manifest } from './manifest.ts';
import { type PruneReport, pruneBackups } from './prune-backups.ts';
import { readPages, TableDigest } from './row-pages.ts';
import { readTableFile, writeTableFile } from './table-file.ts';

export interface BackupOptions {
  /** Snapshots that stay; older ones go when this one is complete and nothing was lost. All stay if left out. */
  readonly keep?: number;
  /** Digest also the blobs that are in the folder already, and copy those again that are damaged. */
  readonly verify?: boolean;
  /** The version of this program. */
  readonly packyard: string;
  readonly observer?: StepObserver;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface BackupReport {
  readonly snapshot: string;
  /** Rows of each table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Blobs of this snapshot and their bytes, and how many of them were not in the folder before. */
  readonly blobs: {
    readonly count: number;
    readonly bytes: number;
    readonly copied: number;
    readonly copiedBytes: number;
  };
  /** What the instance itself has lost; everything else is in the backup. */
  readonly damage: Damage;
  readonly removed: PruneReport;
}

/**
 * Copies an instance into a folder, as it is at one moment, while it goes on serving and changing. Blobs that are in the
 * folder already are not copied again. Broken off at any point, the folder is as good as before.
 * @throws PackyardError `storage_full`, `unavailable`, `invalid_request` (the folder is used for something else)
 */
export async function backUp(
  instance: { readonly database: Database; readonly store: ObjectStore },
  path: string,
  options: BackupOptions,
): Promise<BackupReport> {
  const { database } = instance;
  const { observer = UNWATCHED } = options;
  await checkBelongTogether(database, instance.store);
  const writer = await BackupWriter.open(path);
  observer.begin('wait for other maintenance');
  // Nobody collects garbage meanwhile: what the rows of this moment name stays until it has been copied.
  return alone(database, 'the backup', (lease) => work(() => lease.check()), { wait: true });

  async function work(check: () => void): Promise<BackupReport> {
    const madeAt = options.now();
    const snapshot = snapshotName(madeAt);
    const tablePath = await writer.begin(snapshot);
    observer.begin('save rows');
    const { level, tables } = await database.snapshot(async (trx) => {
      const saved: Record<string, Manifest['tables'][string]> = {};
      for (const table of TRANSFER_TABLES) {
        check();
        saved[table.name] = await saveTable(trx, table, tablePath(table.name), observer);
      }
      return { level: await readLevel(trx), tables: saved };
    });
    observer.begin('copy bytes', tables.blobs?.rows);
    const copy = new CopyToBackup(writer, instance, options.verify === true, observer);
    for await (const { rows } of readTableFile(tablePath('blobs'))) {
      check();
      await copy.add(rows as unknown as readonly BlobRow[]);
    }
    observer.end();
    const { count, bytes, copied, copiedBytes, damage } = copy;
    await writer.finish(snapshot, {
      format: BACKUP_FORMAT,
      packyard: options.packyard,
      madeAt: new Date(madeAt).toISOString(),
      level,
      tables,
      blobs: { count, bytes, lost: damage.count },
    });
    return {
      snapshot,
      rows: Object.fromEntries(Object.entries(tables).map(([name, { rows }]) => [name, rows])),
      blobs: { count, bytes, copied, copiedBytes },
      damage: await damage.report(database.read),
      // What the instance has lost, older snapshots may still have.
      removed: await pruneBackups(writer, damage.count === 0 ? options.keep : undefined, observer),
    };
  }
}

async function saveTable(
  trx: Queryable,
  table: TransferTable,
  path: string,
  observer: StepObserver,
): Promise<Manifest['tables'][string]> {
  const digest = new TableDigest();
  const pages = digest.through(readPages(trx, table), (page) => observer.advance(page.rows.length));
  await inBackup(path, () => writeTableFile(path, pages));
  return { columns: [...table.columns], ...digest.finish() };
}
