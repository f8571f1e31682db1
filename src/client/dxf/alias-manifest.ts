import { DOCKER_MANIFEST } from '../oci/media-types.ts';
import { pythonJson } from './python-json.ts';

/**
 * The manifest that gives an alias to blobs, byte for byte as the original writes it. Manifests need a configuration: to save one
 * more upload, it is the first blob.
 */
export function aliasManifest(blobs: readonly { readonly digest: string; readonly size: number }[]): string {
  const [first] = blobs;
  return pythonJson({
    schemaVersion: 2,
    mediaType: DOCKER_MANIFEST,
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: first?.size, digest: first?.digest },
    layers: blobs.map(({ digest, size }) => ({ mediaType: 'application/octet-stream', size, digest })),
  });
}
