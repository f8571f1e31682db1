import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { extract, type Header } from 'tar-stream';
import type { Format, FormatContext, Upload } from '../formats/format.ts';
import { invalid, PackyardError } from '../model/errors.ts';
import { parseSegment } from '../model/file-name.ts';
import type { PublishItem, PublishOutcome, StageBatch, StagedObject, StageOptions } from '../registry/model.ts';

/** Files that one archive may have. */
const MAX_FILES = 20_000;
/** Files that one transaction publishes, counting each distribution, and characters of what their parsers found. */
const MAX_ITEMS = 50_000;
const MAX_DESCRIBED = 200_000_000;
/** Bytes up to which a file goes through memory, together with others. */
const SMALL = 1024 * 1024;

type Entry = Readable & { readonly header: Header };

/** What is said of all files in an archive. */
export type ArchiveUpload = Omit<Upload, 'staged' | 'fileName' | 'name' | 'version'> & { readonly format: Format };

/** Whether a request's body is a tar of many files, instead of a form with one. */
export function isArchive(request: Request): boolean {
  return /^application\/x-tar\s*(;|$)/i.test(request.headers.get('content-type') ?? '');
}

/**
 * Publishes all files of a tar in one revision, or none of them.
 * @throws PackyardError naming the file that is refused; nothing is stored then
 */
export async function receiveArchive(
  context: FormatContext,
  request: Request,
  { format, ...upload }: ArchiveUpload,
  maxSize?: number,
): Promise<readonly PublishOutcome[]> {
  const { describe } = format;
  if (!describe)
    throw invalid(`${format.id} takes one file at a time`, { hint: 'send each in a form of its own: -F f=@FILE' });
  const batch = context.registry.stageBatch(format.digests);
  const staged: StagedObject[] = [];
  const items: PublishItem[] = [];
  let described = 0;
  try {
    for await (const { name, entry } of members(request)) {
      if (staged.length >= MAX_FILES) throw invalid(`an archive has ${MAX_FILES} files at the most`);
      const file = await stage(context, batch, entry, { digests: format.digests, maxSize });
      staged.push(file);
      for (const item of await named(name, describe({ ...upload, fileName: name, staged: file }))) {
        described += JSON.stringify(item.file.metadata).length;
        items.push(item);
      }
      if (items.length > MAX_ITEMS || described > MAX_DESCRIBED)
        throw new PackyardError('too_large', 'the archive is too much for one transaction', {
          hint: 'send it in several parts',
        });
    }
    if (items.length === 0)
      throw invalid('the archive has no files', { hint: 'send a tar of the packages themselves' });
    const { repository, repositoryId, actor } = upload;
    return await context.registry.publishAll({ repository, repositoryId, actor, items: withoutRepetitions(items) });
  } finally {
    for (const each of staged) await each.discard();
  }
}

async function* members(request: Request): AsyncIterable<{ readonly name: string; readonly entry: Entry }> {
  if (!request.body) throw invalid('the archive is empty');
  const source = Readable.fromWeb(request.body as unknown as NodeReadableStream);
  const tar = extract();
  source.on('error', (cause) => {
    tar.destroy(new PackyardError('client_closed', 'the client went away before the upload was complete', { cause }));
  });
  source.pipe(tar);
  try {
    for await (const entry of tar) {
      if (entry.header.type === 'file') yield { name: baseName(entry.header.name), entry: entry as unknown as Entry };
      else entry.resume();
    }
  } catch (error) {
    if (error instanceof PackyardError) throw error;
    throw invalid('the archive ends too early or is no tar: nothing was stored', { cause: error });
  } finally {
    source.destroy();
  }
}

function baseName(path: string): string {
  return parseSegment(path.slice(path.lastIndexOf('/') + 1), 'file name');
}

async function stage(
  { registry }: FormatContext,
  batch: StageBatch,
  entry: Entry,
  options: StageOptions,
): Promise<StagedObject> {
  const size = entry.header.size ?? 0;
  if (options.maxSize !== undefined && size > options.maxSize)
    throw new PackyardError('too_large', `a file in the archive has ${size} bytes, more than ${options.maxSize}`);
  if (size > SMALL) return registry.stage(entry, options);
  const pieces: Buffer[] = [];
  for await (const piece of entry) pieces.push(piece as Buffer);
  return batch.stage(pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces));
}

/** Whatever is wrong with one of many files says which. */
async function named<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof PackyardError)) throw error;
    const { code, message, hint, details, cause } = error;
    throw new PackyardError(code, `${name}: ${message}`, { hint, details, cause });
  }
}

/** The same file twice is one; two that differ are refused when they are published. */
function withoutRepetitions(items: readonly PublishItem[]): PublishItem[] {
  const seen = new Set<string>();
  return items.filter(({ file }) => {
    const key = `${file.staged.sha256.hex} ${file.path}`;
    return !seen.has(key) && seen.add(key);
  });
}
