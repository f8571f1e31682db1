import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { ReopenableSource } from '../oci/blob-source.ts';
import type { DigestAlgorithm } from '../oci/digest.ts';
import { createHasher } from '../oci/hasher.ts';

const READ_SIZE = 256 * 1024;

/** A file as a source that can be read from any point. Its size is what it is now: a file that changes meanwhile is refused. */
export async function openFile(fileName: string, readSize = READ_SIZE): Promise<ReopenableSource> {
  const { size } = await stat(fileName);
  return { size, open: (offset) => createReadStream(fileName, { start: offset, highWaterMark: readSize }) };
}

export async function digestOfFile(fileName: string, algorithm: DigestAlgorithm): Promise<string> {
  const hasher = await createHasher(algorithm);
  for await (const bytes of createReadStream(fileName, { highWaterMark: READ_SIZE })) hasher.update(bytes);
  return hasher.digest();
}

export function readText(fileName: string): Promise<string> {
  return readFile(fileName, 'utf8');
}
