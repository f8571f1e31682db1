import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { notFound } from '../../model/errors.ts';
import { isAbsent, translateFsError } from '../../storage/translate-fs-error.ts';
import { type Manifest, parseManifest } from './manifest.ts';

const NAME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}\.[0-9]{3}Z$/;

/** A moment as a name that sorts by time: `2030-01-31T12-00-00.000Z`. */
export function snapshotName(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replaceAll(':', '-');
}

/**
 * A folder of backups: `blobs/sha256/ab/<hex>`, which all snapshots share, and for each snapshot `snapshots/<UTC time>/`
 * with `manifest.json` and a file for each table. Nothing in it depends on the database or the storage of the instance.
 */
export class BackupFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Opens a folder that has backups; nothing is written to it. @throws PackyardError `not_found` */
  static async open(path: string): Promise<BackupFolder> {
    const folder = new BackupFolder(path);
    const found = await stat(folder.snapshotsPath).catch(absentAs(folder.path, undefined));
    if (!found?.isDirectory()) throw notFound(`${folder.path} is no folder with backups`);
    return folder;
  }

  get snapshotsPath(): string {
    return join(this.path, 'snapshots');
  }

  get blobsPath(): string {
    return join(this.path, 'blobs', 'sha256');
  }

  /** Names of the complete snapshots, oldest first. */
  async snapshots(): Promise<readonly string[]> {
    const names = await readdir(this.snapshotsPath).catch(translateFsError(this.path));
    return names.filter((name) => NAME.test(name)).sort();
  }

  /** @throws PackyardError `not_found`, `digest_mismatch` */
  async manifest(snapshot: string): Promise<Manifest> {
    const path = join(this.snapshotPath(snapshot), 'manifest.json');
    const text = await readFile(path, 'utf8').catch(absentAs(path, undefined));
    if (text === undefined) throw this.#noSnapshot(snapshot);
    return parseManifest(text, path);
  }

  snapshotPath(snapshot: string): string {
    if (!NAME.test(snapshot)) throw this.#noSnapshot(snapshot);
    return join(this.snapshotsPath, snapshot);
  }

  tablePath(snapshot: string, table: string): string {
    return join(this.snapshotPath(snapshot), tableFileName(table));
  }

  blobPath(sha256: string): string {
    return join(this.blobsPath, sha256.slice(0, 2), sha256);
  }

  /** Bytes of a blob that is there; undefined when it is not. */
  async blobSize(sha256: string): Promise<number | undefined> {
    return (await stat(this.blobPath(sha256)).catch(absentAs(this.path, undefined)))?.size;
  }

  #noSnapshot(snapshot: string) {
    return notFound(`there is no snapshot ${snapshot} in ${this.path}`, {
      hint: 'packyard backup --list FOLDER shows them',
    });
  }
}

export function tableFileName(table: string): string {
  return `${table}.jsonl.zst`;
}

/** What stands for a file that is not there; other failures become ours. */
export function absentAs<T>(place: string, value: T): (error: unknown) => T {
  return (error) => (isAbsent(error) ? value : translateFsError(place)(error));
}
