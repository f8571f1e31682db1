import { findKeysOfDigests, findKeysOfDocuments } from '../../database/queries/maintenance-objects.ts';
import type { ListedObject, ListsObjects } from '../../storage/object-store.ts';
import { digestOfKey } from '../../storage/storage-key.ts';
import type { MaintenanceContext } from './context.ts';

/** Objects whose rows are looked up in one query. */
const BATCH = 500;

/**
 * Walks over the store and yields the objects that no row names now. What has just been stored may be among them: its row
 * comes later. `onSeen` is told of every object.
 */
export async function* findOrphans(
  { database }: MaintenanceContext,
  store: ListsObjects,
  onSeen: (object: ListedObject) => void,
): AsyncIterable<ListedObject> {
  let batch: { object: ListedObject; sha256: string }[] = [];
  const check = async function* (): AsyncIterable<ListedObject> {
    const known = new Set(await findKeysOfDigests(database.read, [...new Set(batch.map(({ sha256 }) => sha256))]));
    const unknown = batch.filter(({ object }) => !known.has(object.key));
    if (unknown.length === 0) return;
    const referred = new Set(
      await findKeysOfDocuments(
        database.read,
        unknown.map(({ object }) => object.key),
      ),
    );
    for (const { object } of unknown) if (!referred.has(object.key)) yield object;
  };
  for await (const object of store.list()) {
    onSeen(object);
    const sha256 = digestOfKey(object.key);
    // Whatever else lies there is none of ours.
    if (sha256 === undefined) continue;
    batch.push({ object, sha256 });
    if (batch.length < BATCH) continue;
    yield* check();
    batch = [];
  }
  if (batch.length > 0) yield* check();
}
