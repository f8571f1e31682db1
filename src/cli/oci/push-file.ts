import { localFile as openFile } from '../../client/oci/local-file.ts';
import type { PushBlobOptions, PushedBlob } from '../../client/oci/push-blob.ts';
import { localFile } from '../local-file.ts';
import { Progress } from '../progress.ts';
import type { OciSession } from './open-oci.ts';

/** Uploads a file, or with `-` standard input, unless the registry has it, and shows how far that is. */
export async function pushFile(
  { repository, io }: OciSession,
  path: string,
  options: Pick<PushBlobOptions, 'chunkSize'> = {},
): Promise<PushedBlob> {
  const file = path === '-' ? undefined : localFile(path);
  const progress = new Progress(io, file?.name ?? 'standard input', file?.size);
  const onProgress = (sent: number) => progress.update(sent);
  try {
    const source = file === undefined ? io.input() : await openFile(path);
    return await repository.pushBlob(source, { ...options, onProgress });
  } finally {
    progress.finish();
  }
}
