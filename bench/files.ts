import { closeSync, openSync, writeSync } from 'node:fs';

/** Makes a file of random bytes: nothing on the way can compress it or find it again. */
export function makeFile(path: string, bytes: number): void {
  const file = openSync(path, 'w');
  const chunk = Buffer.alloc(1 << 20);
  for (let left = bytes; left > 0; left -= chunk.length) {
    for (let at = 0; at < chunk.length; at += 65_536) crypto.getRandomValues(chunk.subarray(at, at + 65_536));
    writeSync(file, chunk, 0, Math.min(left, chunk.length));
  }
  closeSync(file);
}

/** Changes the first bytes, so that the same file is another one. */
export function changeFile(path: string): void {
  const file = openSync(path, 'r+');
  writeSync(file, crypto.getRandomValues(new Uint8Array(16)), 0, 16, 0);
  closeSync(file);
}
