import { BackupFolder } from './backup-folder.ts';

export interface SnapshotSummary {
  readonly snapshot: string;
  /** Nothing else is known of it then. */
  readonly damaged: boolean;
  /** The version that made it. */
  readonly packyard: string;
  readonly repositories: number;
  readonly blobs: number;
  readonly bytes: number;
  /** Blobs that the instance itself had lost. */
  readonly lost: number;
}

/** Every complete snapshot of a folder, oldest first. @throws PackyardError `not_found` when it has no backups */
export async function listBackups(path: string): Promise<readonly SnapshotSummary[]> {
  const folder = await BackupFolder.open(path);
  const summaries: SnapshotSummary[] = [];
  for (const snapshot of await folder.snapshots()) {
    const manifest = await folder.manifest(snapshot).catch(() => undefined);
    summaries.push({
      snapshot,
      damaged: manifest === undefined,
      packyard: manifest?.packyard ?? '',
      repositories: manifest?.tables.repositories?.rows ?? 0,
      blobs: manifest?.blobs.count ?? 0,
      bytes: manifest?.blobs.bytes ?? 0,
      lost: manifest?.blobs.lost ?? 0,
    });
  }
  return summaries;
}
