import { type Place, pathIn, scopeOf } from './place.ts';
import { RegistryDigestError } from './registry-error.ts';

/**
 * Puts a manifest under a tag, or under its digest.
 * @param path a tag or a digest, perhaps with a query
 * @throws RegistryDigestError
 */
export async function putBytes(
  place: Place,
  path: string,
  manifest: {
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly mediaType: string;
    readonly digest: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Headers> {
  const { response } = await place.connection.send({
    method: 'PUT',
    url: pathIn(place, `manifests/${path}`),
    scopes: [scopeOf(place.name, 'pull', 'push')],
    headers: { 'content-type': manifest.mediaType },
    body: manifest.bytes,
    signal: manifest.signal,
  });
  await response.body?.cancel();
  const stored = response.headers.get('docker-content-digest');
  if (stored !== null && stored.split(':')[0] === manifest.digest.split(':')[0] && stored !== manifest.digest) {
    throw new RegistryDigestError(
      manifest.digest,
      stored,
      `the registry stored ${stored} instead of ${manifest.digest}`,
    );
  }
  return response.headers;
}
