import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RepositoryId } from '../client/api-types.ts';
import type { Format } from '../formats/format.ts';
import { type LocalFile, localFile } from './local-file.ts';
import { findTarget } from './upload-target.ts';

/** Files that are sent together from this many on, and at the most; and how large they may be, alone and together, in bytes. */
const MANY = 10;
const MOST = 2_000;
const SMALL = 512 * 1024;
const MOST_BYTES = 32 * 1024 * 1024;
/** Larger files list no others. Bytes. */
const LISTS = 4 * 1024 * 1024;

interface PlannedFile {
  readonly path: string;
  readonly file: LocalFile;
}

/** One request: a file, or many that become visible together. */
export interface PlannedUpload {
  readonly target: RepositoryId;
  readonly files: readonly PlannedFile[];
  /** Keep it unseen until the file that lists it comes. */
  readonly waits: boolean;
}

interface Unusable {
  readonly path: string;
  readonly error: unknown;
}

/**
 * The requests in which files go to the server: what a file lists goes before it, and many small files that need nothing else
 * go together.
 * @param mayGather false where something is said of one file alone
 */
export async function* planUploads(
  repository: string,
  paths: readonly string[],
  mayGather: boolean,
): AsyncIterable<PlannedUpload | Unusable> {
  const { formatById } = await import('../formats/index.ts');
  const gathering = new Gathering(mayGather && paths.length >= MANY);
  for (const path of paths) {
    let planned: PlannedUpload;
    try {
      const file = localFile(path);
      planned = { target: await findTarget(repository, file), files: [{ path, file }], waits: false };
    } catch (error) {
      yield { path, error };
      continue;
    }
    const format = formatById(planned.target.format);
    yield* beside(planned, path, format);
    if (!gathering.takes(planned, format)) yield planned;
    else yield* gathering.add(planned);
  }
  yield* gathering.rest();
}

/** What a file lists and what lies beside it. What does not may be on the server already. */
function* beside(planned: PlannedUpload, path: string, format: Format | undefined): Iterable<PlannedUpload> {
  const [first] = planned.files;
  if (!format?.companions || !first || first.file.size > LISTS) return;
  for (const name of format.companions(first.file.name, readFileSync(path, 'latin1'))) {
    const companion = join(dirname(path), name);
    if (!existsSync(companion)) continue;
    yield { ...planned, files: [{ path: companion, file: localFile(companion) }], waits: true };
  }
}

class Gathering {
  readonly #isOn: boolean;
  #files: PlannedFile[] = [];
  #bytes = 0;
  #target: RepositoryId | undefined;

  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  takes({ files: [first] }: PlannedUpload, format: Format | undefined): boolean {
    if (!this.#isOn || !first || first.file.size > SMALL) return false;
    return format?.describes?.(first.file.name) ?? false;
  }

  *add(planned: PlannedUpload): Iterable<PlannedUpload> {
    const [first] = planned.files;
    if (!first) return;
    const isOther = this.#target !== undefined && this.#target.format !== planned.target.format;
    if (isOther || this.#files.length >= MOST || this.#bytes + first.file.size > MOST_BYTES) yield* this.rest();
    this.#target = planned.target;
    this.#files.push(first);
    this.#bytes += first.file.size;
  }

  *rest(): Iterable<PlannedUpload> {
    if (this.#target && this.#files.length > 0) yield { target: this.#target, files: this.#files, waits: false };
    this.#files = [];
    this.#bytes = 0;
  }
}
