import { aliasManifest } from '../../client/dxf/alias-manifest.ts';
import type { PutManifestResult } from '../../client/oci/put-manifest.ts';
import type { RegistryRepository } from '../../client/oci/registry-repository.ts';
import type { ManifestBlob } from './read-manifest.ts';

/** Gives blobs a name, with the manifest that `dxf` makes for them: both programs read and write the same aliases. */
export function putAlias(
  repository: RegistryRepository,
  alias: string,
  blobs: readonly ManifestBlob[],
): Promise<PutManifestResult> {
  return repository.putManifest(aliasManifest(blobs), { tags: [alias] });
}
