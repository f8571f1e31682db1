import { type BlobSource, contentOf, inChunks, type ReopenableSource } from '../oci/blob-source.ts';
import { hashFile, localFile } from '../oci/local-file.ts';
import type { PulledBlob } from '../oci/pull-blob.ts';
import { fullDigest } from './digests.ts';
import type { DXFData, DXFProgress, DXFPushOptions } from './dxf-options.ts';

export interface PushSource {
  readonly digest: string;
  readonly source: BlobSource;
}

/** A file, hashed beforehand. Progress begins with a call without bytes, which tells the size. */
export async function fileToPush(
  fileName: string,
  { progress, readSize }: Pick<DXFPushOptions, 'progress' | 'readSize'>,
): Promise<PushSource> {
  const digest = await hashFile(fileName);
  const file = await localFile(fileName, readSize);
  if (progress === undefined) return { digest, source: file };
  const { size } = file;
  const source: ReopenableSource = {
    size,
    open(offset) {
      if (offset === 0) progress(digest, new Uint8Array(), size);
      return reporting(contentOf(file).open(offset), (part) => progress(digest, part, size));
    },
  };
  return { digest, source };
}

/** Data, with a progress that knows no size. */
export function dataToPush(data: DXFData, given: string | undefined, progress: DXFProgress | undefined): PushSource {
  const digest = fullDigest(given ?? '');
  if (progress === undefined) return { digest, source: data };
  const report = (part: Uint8Array) => progress(digest, part);
  const content = contentOf(data);
  const open = (offset: number) => reporting(content.open(offset), report);
  return { digest, source: content.size === undefined ? open(0) : { size: content.size, open } };
}

/** The bytes of a blob that is asked for when the first of them are. */
export async function* bytesOf(
  open: () => Promise<PulledBlob>,
  chunkSize: number | undefined,
): AsyncGenerator<Uint8Array> {
  const bytes = contentOf((await open()).stream).open(0);
  yield* chunkSize === undefined ? bytes : inChunks(bytes, chunkSize);
}

async function* reporting(
  parts: AsyncIterable<Uint8Array>,
  report: (part: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    report(part);
    yield part;
  }
}
