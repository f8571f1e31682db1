import { parseDigest } from './digest.ts';
import { type Place, pathIn, scopeOf } from './place.ts';
import { announcedSize } from './pull-blob.ts';
import { refusal } from './refusal.ts';
import { RegistryError } from './registry-error.ts';
import { UploadSession } from './upload-session.ts';

export interface BlobRecord {
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
}

/**
 * Undefined when the repository has no such blob.
 * @param options.size what it has to be, where the registry does not say it
 */
export async function statBlob(
  place: Place,
  digest: string,
  options: { readonly size?: number; readonly signal?: AbortSignal } = {},
): Promise<BlobRecord | undefined> {
  parseDigest(digest);
  const { response } = await place.connection.send({
    method: 'HEAD',
    url: pathIn(place, `blobs/${digest}`),
    scopes: [scopeOf(place.name, 'pull')],
    allowed: [404],
    signal: options.signal,
  });
  if (response.status === 404) return undefined;
  const size = announcedSize(response) ?? options.size;
  if (size === undefined)
    throw new RegistryError('unexpected_answer', `the registry does not say how large ${digest} is`);
  return { digest, size };
}

/** Lets the registry take a blob over from another repository. False when it does not: the blob has to be pushed then. */
export async function mountBlob(place: Place, digest: string, from: string, signal?: AbortSignal): Promise<boolean> {
  parseDigest(digest);
  const opened = await UploadSession.open(place, { mount: { digest, from }, signal });
  if ('mounted' in opened) return true;
  await opened.session.cancel();
  return false;
}

export async function deleteBlob(place: Place, digest: string, signal?: AbortSignal): Promise<void> {
  parseDigest(digest);
  await deleteThing(place, `blobs/${digest}`, signal);
}

/** @throws RegistryNotFoundError unless it was an earlier try of ours, whose answer was lost, that deleted it */
export async function deleteThing(place: Place, path: string, signal?: AbortSignal): Promise<void> {
  const { connection, name } = place;
  const request = {
    method: 'DELETE',
    url: pathIn(place, path),
    scopes: [scopeOf(name, 'pull', 'delete')],
    allowed: [404],
    signal,
  };
  const { response, tries, url } = await connection.send(request);
  if (response.status === 404 && tries === 1) throw await refusal(response, 'DELETE', url, connection.redact);
  await response.body?.cancel();
}
