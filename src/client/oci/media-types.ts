export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
/** Schema 1: long given up; asked for only so that it can be named when it comes. */
export const DOCKER_SCHEMA1 = 'application/vnd.docker.distribution.manifest.v1+json';

/** Some registries hide, or convert, what is not asked for by name. */
export const ANY_MANIFEST = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST, '*/*'].join(', ');

/** The media type of a `Content-Type` header, without parameters. */
export function mediaTypeOf(header: string | null): string | undefined {
  const type = header?.split(';')[0]?.trim().toLowerCase();
  return type === '' ? undefined : type;
}

/** What a manifest says that it is, or what it looks like where it says nothing, which OCI allows. */
export function guessMediaType(manifest: unknown): string | undefined {
  if (typeof manifest !== 'object' || manifest === null) return undefined;
  if ('mediaType' in manifest && typeof manifest.mediaType === 'string') return manifest.mediaType;
  if ('schemaVersion' in manifest && manifest.schemaVersion === 1) return DOCKER_SCHEMA1;
  if ('manifests' in manifest) return OCI_INDEX;
  return 'layers' in manifest || 'config' in manifest ? OCI_MANIFEST : undefined;
}
