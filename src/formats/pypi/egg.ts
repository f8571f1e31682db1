import { MAX_METADATA_SIZE } from './core-metadata.ts';
import { ZipArchive } from './zip.ts';

/**
 * Returns an egg's `EGG-INFO/PKG-INFO`, byte for byte. Installers of today pass eggs by; the upload API takes them for
 * the sake of those who still use setuptools' own tools.
 * @throws PackyardError `invalid_request`
 */
export async function readEgg(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return ZipArchive.use(path, (archive) => archive.read('EGG-INFO/PKG-INFO', MAX_METADATA_SIZE));
}
