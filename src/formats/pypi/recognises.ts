import { fileTypeOf, parseFileName } from './file-name.ts';

/** Whether a file is a Python distribution, by its name and its first bytes. Its inside is looked at on upload. */
export function recognises(fileName: string, head: Uint8Array): boolean {
  const fileType = fileTypeOf(fileName);
  if (fileType === undefined || parseFileName(fileName) === undefined) return false;
  const isZip = head[0] === 0x50 && head[1] === 0x4b && head[2] === 0x03 && head[3] === 0x04;
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  return fileName.endsWith('.tar.gz') ? isGzip : isZip;
}
