const MAGIC = Buffer.from('!<arch>\ndebian-binary');

/** A Debian package by its first bytes; source packages and uploads by their names. */
export function recognises(fileName: string, head: Uint8Array): boolean {
  if (MAGIC.equals(head.subarray(0, MAGIC.byteLength))) return true;
  return /\.(dsc|changes)$/.test(fileName);
}
