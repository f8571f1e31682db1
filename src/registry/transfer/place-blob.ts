import type { Database } from '../../database/database.ts';
import { type BlobRow, findBlobKeys } from '../../database/queries/transfer-blobs.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { BlobSource } from './blob-source.ts';
import type { Problem } from './damage.ts';

/** Where a blob's bytes are in the target now, or why they are not. */
export type Placed = { readonly key: string } | { readonly problem: Problem };

/** A way to get bytes into a target. */
export interface BlobPlacing {
  /** Prepares for some blobs, and returns what places each of them. */
  locate(blobs: readonly BlobRow[]): Promise<(blob: BlobRow) => Promise<Placed>>;
}

/** Copies bytes into another store, if they are what their digest says. */
export function copying(source: BlobSource, store: ObjectStore): BlobPlacing {
  return {
    locate: async (blobs) => {
      const open = await source.locate(blobs);
      return async (blob) => {
        const bytes = await open(blob);
        if (!bytes) return { problem: 'lost' };
        const staged = await store.stage(bytes);
        try {
          if (staged.sha256.hex !== blob.sha256 || staged.size !== blob.size) return { problem: 'wrong' };
          return { key: await staged.commit() };
        } finally {
          await staged.discard();
        }
      };
    },
  };
}

/** Leaves bytes where they are, in a store that both instances use. */
export function staying(database: Database, store: ObjectStore): BlobPlacing {
  return {
    locate: async (blobs) => {
      const keys = await findBlobKeys(
        database.read,
        blobs.map((blob) => blob.id),
      );
      return async ({ id, size }) => {
        const key = keys.get(id);
        const found = key === undefined ? undefined : await store.stat(key);
        if (key === undefined || !found) return { problem: 'lost' };
        return found.size === size ? { key } : { problem: 'wrong' };
      };
    },
  };
}
