import { invalid } from '../../model/errors.ts';
import { MAX_METADATA_SIZE } from './core-metadata.ts';
import type { ParsedFileName } from './file-name.ts';
import { normalizeName, sameVersion } from './version.ts';
import { ZipArchive } from './zip.ts';

/** The files that the binary distribution format asks for in `{name}-{version}.dist-info`. */
const REQUIRED = ['METADATA', 'WHEEL', 'RECORD'];

/**
 * Checks a wheel's structure and returns its METADATA, byte for byte.
 * @param fileName what its file name says, to which its `.dist-info` folder must agree
 * @throws PackyardError `invalid_request`
 */
export async function readWheel(path: string, fileName: ParsedFileName): Promise<Uint8Array<ArrayBuffer>> {
  return ZipArchive.use(path, async (archive) => {
    const folder = distInfoFolder(archive.members.keys());
    const match = /^(.+)-([^-]+)\.dist-info$/.exec(folder);
    const [, name = '', version = ''] = match ?? [];
    if (normalizeName(name) !== normalizeName(fileName.name) || !sameVersion(version, fileName.version)) {
      throw invalid(`the wheel's folder ${JSON.stringify(folder)} does not belong to its file name`, {
        hint: 'a wheel cannot be renamed to another package or version; build it again',
      });
    }
    for (const required of REQUIRED) {
      if (!archive.members.has(`${folder}/${required}`)) throw invalid(`the wheel has no ${folder}/${required}`);
    }
    return archive.read(`${folder}/METADATA`, MAX_METADATA_SIZE);
  });
}

function distInfoFolder(names: Iterable<string>): string {
  const folders = new Set<string>();
  for (const name of names) {
    const slash = name.indexOf('/');
    if (slash > 0 && name.slice(0, slash).toLowerCase().endsWith('.dist-info')) folders.add(name.slice(0, slash));
  }
  const [folder] = folders;
  if (folder === undefined) throw invalid('not a wheel: it has no .dist-info folder');
  if (folders.size > 1) throw invalid(`the wheel has ${folders.size} .dist-info folders; it must have one`);
  return folder;
}
