import type { StorageLocation } from '../config/config.ts';
import { FsObjectStore } from './fs.ts';
import { MemoryObjectStore } from './memory.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * Opens the store that the settings name.
 * @param options.staging a local folder where uploads arrive, for stores that are elsewhere; made if it is not there
 * @throws PackyardError when it cannot be reached or does not let us in
 */
export async function openObjectStore(
  location: StorageLocation,
  options: { readonly staging: string },
): Promise<ObjectStore> {
  if (location.kind === 'file') return FsObjectStore.open(location.path);
  if (location.kind === 'memory') return new MemoryObjectStore();
  // The SDK takes a fifth of a second to load and 30 MB: only who uses it shall pay for it.
  const { S3ObjectStore } = await import('./s3/s3-object-store.ts');
  return S3ObjectStore.open(location, options);
}
