import { Digest } from '../../model/digest.ts';
import { invalid } from '../../model/errors.ts';
import type { KnownBytes } from '../../registry/model.ts';
import type { FormatContext, Upload } from '../format.ts';

/** A file that a description lists. */
export interface ListedFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Listed files that are there, and which of them have waited for this. */
export interface FoundParts {
  readonly bytes: ReadonlyMap<string, KnownBytes>;
  readonly pending: readonly number[];
}

/** Nothing is made of it: it tells how a package was built, and is gone when the .changes that lists it comes once more. */
const NOT_NEEDED = /\.buildinfo$/;

/**
 * Finds the files that a .dsc or .changes lists: among those that wait, and in the repository, where an earlier version may
 * have brought the same upstream tarball, and where a package is called after its whole version, with the epoch.
 * @throws PackyardError `invalid_request` naming those that are missing
 */
export async function findParts(
  upload: Upload,
  files: readonly ListedFile[],
  { registry }: Pick<FormatContext, 'registry'>,
): Promise<FoundParts> {
  const repository = await registry.repository(upload.repository, { evenEmpty: true });
  const names = files.map((file) => file.name);
  const waiting = repository ? await registry.pending(repository, names) : [];
  const bytes = new Map<string, KnownBytes>();
  const pending: number[] = [];
  const missing: string[] = [];
  for (const file of files) {
    const sha256 = Digest.sha256(file.sha256);
    const waits = waiting.find((each) => each.name === file.name && each.sha256.equals(sha256));
    const there = waits ?? (repository && (await registry.fileWithBytes(repository, sha256)));
    if (there?.size === file.size) bytes.set(file.name, { sha256 });
    else if (!NOT_NEEDED.test(file.name))
      missing.push(waiting.some((each) => each.name === file.name) ? `${file.name} (other bytes came)` : file.name);
    if (waits) pending.push(waits.id);
  }
  if (missing.length === 0) return { bytes, pending };
  const some = [...missing.slice(0, 10), ...(missing.length > 10 ? ['…'] : [])].join(', ');
  throw invalid(`${upload.fileName} lists files that are not there: ${some}`, {
    hint: 'upload those first, and this file last; packyard upload does it in this order by itself',
  });
}
