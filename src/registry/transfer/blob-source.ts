import type { Database } from '../../database/database.ts';
import { type BlobRow, findBlobKeys } from '../../database/queries/transfer-blobs.ts';
import type { ByteSource, ObjectStore } from '../../storage/object-store.ts';
import type { BackupFolder } from './backup-folder.ts';

/** Opens a blob's bytes; undefined when they are not there. */
export type OpenBlob = (blob: BlobRow) => Promise<ByteSource | undefined>;

/** Where the bytes of blobs come from. */
export interface BlobSource {
  /** Finds out where some blobs are, and returns what opens each of them. */
  locate(blobs: readonly BlobRow[]): Promise<OpenBlob>;
}

/** The bytes of a running instance. What a row says is asked anew each time: bytes can move. */
export function instanceBlobs(database: Database, store: ObjectStore): BlobSource {
  return {
    locate: async (blobs) => {
      const keys = await findBlobKeys(
        database.read,
        blobs.map((blob) => blob.id),
      );
      return async (blob) => {
        const key = keys.get(blob.id);
        if (key === undefined || !(await store.stat(key))) return undefined;
        const body = await store.open(key);
        return body instanceof Blob ? body.stream() : body;
      };
    },
  };
}

/** The bytes of a backup. */
export function backupBlobs(folder: BackupFolder): BlobSource {
  return {
    locate: async () => async (blob) => {
      const size = await folder.blobSize(blob.sha256);
      return size === undefined ? undefined : Bun.file(folder.blobPath(blob.sha256)).stream();
    },
  };
}
