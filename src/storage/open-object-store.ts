import { invalid } from '../model/errors.ts';
import { FsObjectStore } from './fs.ts';
import { MemoryObjectStore } from './memory.ts';
import type { ObjectStore } from './object-store.ts';

/** Opens the store that a URL names: `file:<folder>` or `memory:`. */
export async function openObjectStore(url: string): Promise<ObjectStore> {
  if (url.startsWith('file:')) return FsObjectStore.open(url.slice('file:'.length));
  if (url === 'memory:') return new MemoryObjectStore();
  throw invalid(`no storage driver for ${JSON.stringify(url.split(':')[0])}`, { hint: 'use file:<folder>' });
}
