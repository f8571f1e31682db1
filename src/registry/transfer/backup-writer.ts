import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { invalid } from '../../model/errors.ts';
import { syncFolder, writeDurably } from '../../storage/durable-write.ts';
import { MultiHash } from '../../storage/multi-hash.ts';
import type { ByteSource } from '../../storage/object-store.ts';
import type { StagedFile } from '../../storage/staged-file.ts';
import { StagingFolder } from '../../storage/staging-folder.ts';
import { inBackup } from './backup-error.ts';
import { absentAs, BackupFolder, tableFileName } from './backup-folder.ts';
import type { Manifest } from './manifest.ts';

/** What the folder of a snapshot ends with until everything is in it. */
const UNFINISHED = '.unfinished';

const EXPLANATION = `Backups of one Packyard instance. Please change nothing in here by hand.

snapshots/TIME/manifest.json     what a snapshot consists of; TIME is in UTC
snapshots/TIME/TABLE.jsonl.zst   the rows of a table, one JSON object each (zstdcat shows them)
blobs/sha256/ab/ab...            the bytes of all published files, named by their SHA-256, shared by all snapshots

A folder whose name ends with ${UNFINISHED} was broken off and does not count.
To see what is here: packyard backup --list FOLDER. To get it back: packyard restore FOLDER.
The rows hold digests of access tokens: let nobody read them who need not.
`;

/** Writes backups into a folder. A snapshot counts once it is complete and on the disk, never before. */
export class BackupWriter {
  readonly folder: BackupFolder;
  readonly #staging: StagingFolder;

  private constructor(folder: BackupFolder, staging: StagingFolder) {
    this.folder = folder;
    this.#staging = staging;
  }

  /** Opens a folder, which is made if it is not there. @throws PackyardError `invalid_request` when it has other things in it */
  static async open(path: string): Promise<BackupWriter> {
    const folder = new BackupFolder(path);
    const entries = await readdir(folder.path).catch(absentAs<readonly string[]>(folder.path, []));
    if (entries.length > 0 && !entries.includes('snapshots')) {
      throw invalid(`${folder.path} has other things in it`, {
        hint: 'name an empty or a new folder, or one with backups',
      });
    }
    return inBackup(folder.path, async () => {
      await mkdir(folder.snapshotsPath, { recursive: true, mode: 0o700 });
      await writeFile(join(folder.path, 'README.txt'), EXPLANATION);
      const staging = await StagingFolder.open(join(folder.path, 'blobs', 'incoming'), {
        durable: true,
        commit: (file) => moveIntoPlace(folder, file),
      });
      return new BackupWriter(folder, staging);
    });
  }

  /** Makes the folder of a snapshot that is not complete yet, and removes those that were broken off. Tells a table's file in it. */
  begin(snapshot: string): Promise<(table: string) => string> {
    return inBackup(this.folder.path, async () => {
      for (const name of await readdir(this.folder.snapshotsPath))
        if (name.endsWith(UNFINISHED)) await rm(join(this.folder.snapshotsPath, name), { recursive: true });
      const path = this.folder.snapshotPath(snapshot) + UNFINISHED;
      await mkdir(path, { mode: 0o700 });
      return (table) => join(path, tableFileName(table));
    });
  }

  /** Makes the snapshot complete, after everything that it needs is on the disk. */
  async finish(snapshot: string, manifest: Manifest): Promise<void> {
    const path = this.folder.snapshotPath(snapshot);
    await inBackup(this.folder.path, async () => {
      await this.#syncBlobs();
      const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
      await writeDurably(join(path + UNFINISHED, 'manifest.json'), [text], new MultiHash([]));
      await syncFolder(path + UNFINISHED);
      await rename(path + UNFINISHED, path);
      for (const above of [this.folder.snapshotsPath, this.folder.path, dirname(this.folder.path)])
        await syncFolder(above);
    });
  }

  /** Forgets a snapshot; its blobs stay. Broken off, what is left of it does not count. */
  async remove(snapshot: string): Promise<void> {
    const path = this.folder.snapshotPath(snapshot);
    await inBackup(this.folder.path, async () => {
      await rename(path, path + UNFINISHED);
      await rm(path + UNFINISHED, { recursive: true });
    });
  }

  /** Adds a blob. False when the bytes are not those that its name promises; then nothing of them stays. */
  async addBlob(blob: { readonly sha256: string; readonly size: number }, bytes: ByteSource): Promise<boolean> {
    const staged = await inBackup(this.folder.path, () => this.#staging.stage(bytes));
    try {
      if (staged.sha256.hex !== blob.sha256 || staged.size !== blob.size) return false;
      await staged.commit();
      return true;
    } finally {
      await staged.discard();
    }
  }

  /** Removes every blob that is not to be kept; returns how many, and their bytes. */
  async removeBlobs(keep: (sha256: string) => boolean): Promise<{ readonly count: number; readonly bytes: number }> {
    let count = 0;
    let bytes = 0;
    await inBackup(this.folder.path, async () => {
      for (const prefix of await this.#prefixes()) {
        for (const name of await readdir(join(this.folder.blobsPath, prefix))) {
          if (!/^[0-9a-f]{64}$/.test(name) || keep(name)) continue;
          bytes += (await this.folder.blobSize(name)) ?? 0;
          await rm(this.folder.blobPath(name));
          count += 1;
        }
      }
    });
    return { count, bytes };
  }

  /** All folders: one that an earlier, broken-off backup has filled may not be on the disk yet. */
  async #syncBlobs(): Promise<void> {
    const blobs = this.folder.blobsPath;
    const prefixes = await this.#prefixes();
    for (const prefix of prefixes) await syncFolder(join(blobs, prefix));
    if (prefixes.length > 0) await syncFolder(blobs);
    await syncFolder(dirname(blobs));
  }

  async #prefixes(): Promise<readonly string[]> {
    const names = await readdir(this.folder.blobsPath).catch(absentAs<readonly string[]>(this.folder.path, []));
    return names.filter((name) => /^[0-9a-f]{2}$/.test(name));
  }
}

async function moveIntoPlace(folder: BackupFolder, file: StagedFile): Promise<string> {
  const target = folder.blobPath(file.sha256.hex);
  return inBackup(folder.path, async () => {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await rename(file.path, target);
    return target;
  });
}
