import { pack } from 'tar-stream';
import type { LocalFile } from './local-file.ts';

/** A tar of small files, in memory. */
export async function tarOf(files: readonly LocalFile[]): Promise<Uint8Array<ArrayBuffer>> {
  const tar = pack();
  const pieces: Buffer[] = [];
  const reading = (async () => {
    for await (const piece of tar) pieces.push(piece as Buffer);
  })();
  for (const file of files) {
    const content = Buffer.from(await file.bytes());
    tar.entry({ name: file.name, size: content.byteLength }, content);
  }
  tar.finalize();
  await reading;
  return new Uint8Array(Buffer.concat(pieces));
}
