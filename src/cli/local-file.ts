import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { UploadFile } from '../client/multipart.ts';
import { invalid, notFound } from '../model/errors.ts';

export interface LocalFile extends UploadFile {
  /** Its first bytes, at most 4096: enough for every format to recognise it. */
  head(): Promise<Uint8Array>;
  /** All of it: for small files. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * A file to send; it is read while it is sent.
 * @throws PackyardError `not_found`, or `invalid_request` for what is not a regular file
 */
export function localFile(path: string): LocalFile {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw notFound(`there is no file ${path}`);
  if (!stat.isFile()) throw invalid(`${path} is not a file`, { hint: 'name the files themselves, e.g. dist/*' });
  const file = Bun.file(path);
  return {
    name: basename(path),
    size: stat.size,
    stream: () => file.stream(),
    head: () => file.slice(0, 4096).bytes(),
    bytes: () => file.bytes(),
  };
}
