import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import tar from 'tar-stream';
import { invalid, PackyardError } from '../../model/errors.ts';
import { MAX_METADATA_SIZE } from './core-metadata.ts';
import { MAX_ENTRIES, ZipArchive } from './zip.ts';
import { nameProblem } from './zip-directory.ts';

/** A bound on the work that a decompression bomb can ask for; the largest sdists known unpack to a tenth of it. */
export const MAX_UNPACKED_SIZE = 4 * 1024 * 1024 * 1024;

/**
 * Reads a `.tar.gz` sdist from end to end, so that a damaged one is refused now and not at somebody's installation, and
 * returns its `{folder}/PKG-INFO`, byte for byte (the source distribution format specification).
 * @param maxUnpackedSize bytes
 * @throws PackyardError `invalid_request`
 */
export async function readTarSdist(
  path: string,
  maxUnpackedSize: number = MAX_UNPACKED_SIZE,
): Promise<Uint8Array<ArrayBuffer>> {
  const found: Uint8Array<ArrayBuffer>[] = [];
  const extract = tar.extract();
  let entries = 0;
  extract.on('entry', (header, stream, next) => {
    // The stream is told of every failure as well, and an error that nobody listens to would end the process.
    stream.on('error', next);
    entries++;
    const name = header.name.replace(/^(?:\.\/)+/, '');
    const wanted = isPackageInfo(name);
    const problem = entries > MAX_ENTRIES ? tooMany() : entryProblem(name, header.size ?? 0, header.type);
    if (problem) {
      next(problem);
      return;
    }
    // Refused here and not at the end: thousands of them would fill the memory.
    if (wanted && found.length > 0) {
      next(moreThanOne());
      return;
    }
    const chunks: Uint8Array[] = [];
    stream.on('data', (chunk) => {
      if (wanted && chunk instanceof Uint8Array) chunks.push(chunk);
    });
    stream.on('end', () => {
      if (wanted) found.push(new Uint8Array(Buffer.concat(chunks)));
      next();
    });
  });
  const file = createReadStream(path);
  try {
    await pipeline(file, createGunzip(), limit(maxUnpackedSize), extract);
  } catch (error) {
    throw describe(error);
  } finally {
    file.destroy();
  }
  return single(found);
}

/** Reads a `.zip` sdist; see `readTarSdist`. */
export async function readZipSdist(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return ZipArchive.use(path, async (archive) => {
    const names = [...archive.members.keys()].filter(isPackageInfo);
    return single(await Promise.all(names.slice(0, 2).map((name) => archive.read(name, MAX_METADATA_SIZE))));
  });
}

function isPackageInfo(name: string): boolean {
  return /^[^/]+\/PKG-INFO$/.test(name);
}

function single(found: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [content] = found;
  if (!content) {
    throw invalid('not an sdist: it has no PKG-INFO in its top folder', {
      hint: 'make sdists with a build tool, e.g. `python -m build --sdist`',
    });
  }
  if (found.length > 1) throw moreThanOne();
  return content;
}

function moreThanOne(): PackyardError {
  return invalid('the sdist has PKG-INFO more than once; it must have one');
}

function entryProblem(name: string, size: number, type: string | null | undefined): PackyardError | undefined {
  const isRoot = name === '' || name === '.';
  const problem = isRoot ? undefined : nameProblem(name);
  if (problem) return invalid(`the archive has a file name that ${problem}: ${JSON.stringify(name.slice(0, 200))}`);
  if (!isPackageInfo(name)) return undefined;
  if (type !== 'file' && type !== 'contiguous-file') return invalid(`${name} is not a regular file`);
  if (size > MAX_METADATA_SIZE) return invalid(`${name} is larger than ${MAX_METADATA_SIZE} bytes`);
  return undefined;
}

function tooMany(): PackyardError {
  return invalid(`the archive holds more than ${MAX_ENTRIES} files`);
}

function limit(maxSize: number): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      size += chunk.byteLength;
      if (size > maxSize) done(invalid(`the archive unpacks to more than ${maxSize} bytes`));
      else done(null, chunk);
    },
  });
}

/** Whatever gzip or tar stumble over is the file's fault; what the disk says is not. */
function describe(error: unknown): unknown {
  if (error instanceof PackyardError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^E[A-Z]+$/.test(code) && code !== 'EOF') return error;
  return invalid('not a whole .tar.gz archive: it is cut off or damaged', {
    hint: 'compare its checksum with the original, then upload it again',
    cause: error,
  });
}
