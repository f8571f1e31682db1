import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** `sha256:<hex>` of a file. Node and Bun only. */
export async function hashFile(fileName: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(fileName)) hash.update(bytes);
  return `sha256:${hash.digest('hex')}`;
}
