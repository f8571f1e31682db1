import type { ReopenableSource } from './blob-source.ts';
import type { DigestAlgorithm } from './digest.ts';

// What needs node: modules is loaded when it is used, so that the rest runs where there are none.

/**
 * A file to push. Node and Bun only.
 * @param readSize bytes that are read at a time
 */
export async function localFile(fileName: string, readSize?: number): Promise<ReopenableSource> {
  return (await import('../node/files.ts')).openFile(fileName, readSize);
}

/** The digest of a file. Node and Bun only. */
export async function hashFile(fileName: string, algorithm: DigestAlgorithm = 'sha256'): Promise<string> {
  return (await import('../node/files.ts')).digestOfFile(fileName, algorithm);
}

export async function readTextFile(fileName: string): Promise<string> {
  return (await import('../node/files.ts')).readText(fileName);
}
