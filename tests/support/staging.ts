import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestServer } from './start-server.ts';

/** Every file below a folder, as paths relative to it; what disappears meanwhile is left out. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Uploads that the server has on disk but has not made visible, whatever its storage is. */
export function stagedFiles(server: TestServer): string[] {
  const folders = ['staging', join('blobs', 'staging')].map((path) => join(server.dataDir, path));
  return folders.filter((path) => existsSync(path)).flatMap(filesBelow);
}
