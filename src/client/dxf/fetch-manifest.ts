import { MANIFEST_LIMIT, requestManifest, verified } from '../oci/manifests.ts';
import type { Place } from '../oci/place.ts';
import { readBytes } from '../oci/read-bytes.ts';
import type { ManifestText } from './read-alias.ts';

export interface FetchedManifest extends ManifestText {
  readonly digest: string;
  /** Its body has been read. */
  readonly response: Response;
}

/** A manifest as text, compared with its digest. */
export async function fetchManifest(place: Place, alias: string, accept: readonly string[]): Promise<FetchedManifest> {
  const response = await requestManifest(place, 'GET', alias, { accept });
  const bytes = await readBytes(response, { limit: MANIFEST_LIMIT, idleTimeout: place.connection.timeout });
  const { digest, mediaType } = await verified(response, alias, bytes);
  // Even a byte order mark belongs to what was pushed.
  return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), digest, mediaType, response };
}
