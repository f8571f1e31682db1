import { PackyardError } from '../../model/errors.ts';
import type { StepObserver } from '../../model/step-observer.ts';
import type { BackupFolder } from './backup-folder.ts';
import { type Manifest, tablesOf } from './manifest.ts';
import { summarize, type TableSummary } from './row-pages.ts';
import { readTableFile } from './table-file.ts';

/**
 * Reads all rows of a snapshot and compares them with the manifest, before anything is made of them.
 * @throws PackyardError `digest_mismatch`
 */
export async function checkSnapshot(
  folder: BackupFolder,
  snapshot: string,
  manifest: Manifest,
  observer: StepObserver,
): Promise<void> {
  const tables = tablesOf(manifest);
  const total = tables.reduce((sum, { name }) => sum + (manifest.tables[name]?.rows ?? 0), 0);
  observer.begin('check the backup', total);
  for (const { name } of tables) {
    const path = folder.tablePath(snapshot, name);
    const found = await summarizeFile(path, (rows) => observer.advance(rows));
    if (found.sha256 !== manifest.tables[name]?.sha256) throw damaged(path);
  }
  observer.end();
}

async function summarizeFile(path: string, onRows: (rows: number) => void): Promise<TableSummary> {
  try {
    return await summarize(readTableFile(path), ({ rows }) => onRows(rows.length));
  } catch (error) {
    throw damaged(path, error);
  }
}

function damaged(path: string, cause?: unknown): PackyardError {
  return new PackyardError('digest_mismatch', `${path} is damaged: nothing was restored`, {
    hint: 'take another snapshot: packyard backup --list FOLDER shows them, --snapshot TIME chooses one',
    cause,
  });
}
