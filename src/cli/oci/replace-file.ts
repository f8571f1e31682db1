import { randomUUID } from 'node:crypto';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { invalid, notFound } from '../../model/errors.ts';

/** Takes bytes, and is ready for the next when it has them. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

/**
 * Lets `fill` write a new file beside `path`, which takes its place, durably, when `fill` has ended well; what was there stays until
 * then. What is no regular file (`/dev/null`, a pipe) is written to as it is.
 * @throws PackyardError `not_found` when the folder is not there, `invalid_request` for a folder
 */
export async function replaceFile(path: string, fill: (sink: Sink) => Promise<void>): Promise<void> {
  const present = await stat(path).catch(() => undefined);
  if (present?.isDirectory()) throw invalid(`${path} is a folder`, { hint: 'name a file in it' });
  if (present && !present.isFile()) return writeTo(path, 'w', fill);
  // A link stays one: the file behind it is replaced.
  const target = present ? await realpath(path) : path;
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`);
  try {
    await writeTo(temporary, 'wx', fill);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeTo(path: string, flags: string, fill: (sink: Sink) => Promise<void>): Promise<void> {
  const handle = await open(path, flags).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
    throw notFound(`there is no folder ${dirname(path)}`, { cause });
  });
  try {
    await fill((bytes) => writeAll(handle, bytes));
    if (flags === 'wx') await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) at += (await handle.write(bytes, at)).bytesWritten;
}
