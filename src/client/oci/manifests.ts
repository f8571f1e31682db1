import { deleteThing } from './blobs.ts';
import { parseDigest, readDigest } from './digest.ts';
import { digestOf } from './hasher.ts';
import { ANY_MANIFEST, guessMediaType, mediaTypeOf } from './media-types.ts';
import { checkReference } from './names.ts';
import { type Place, pathIn, scopeOf } from './place.ts';
import { announcedSize } from './pull-blob.ts';
import { readBytes } from './read-bytes.ts';
import { RegistryDigestError, RegistryNotFoundError } from './registry-error.ts';

export interface ManifestRecord {
  readonly digest: string;
  readonly mediaType: string;
  /** In bytes. */
  readonly size: number;
}

export interface Manifest extends ManifestRecord {
  /** Exactly as the registry has them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Parsed, if they are JSON. */
  readonly json: unknown;
}

export interface ManifestOptions {
  /** Media types to ask for. Default: every kind of manifest and index. */
  readonly accept?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Registries take 4 MiB, some more. */
export const MANIFEST_LIMIT = 32 * 1024 * 1024;

/** @param reference a tag or a digest @throws RegistryNotFoundError */
export async function getManifest(place: Place, reference: string, options: ManifestOptions = {}): Promise<Manifest> {
  const response = await requestManifest(place, 'GET', reference, options);
  const bytes = await readBytes(response, { limit: MANIFEST_LIMIT, idleTimeout: place.connection.timeout });
  return { ...(await verified(response, reference, bytes)), bytes, json: parseJson(bytes) };
}

/** Without the manifest itself; undefined when there is none. */
export async function statManifest(
  place: Place,
  reference: string,
  options: ManifestOptions = {},
): Promise<ManifestRecord | undefined> {
  const response = await requestManifest(place, 'HEAD', reference, options, [404]);
  if (response.status === 404) return undefined;
  const digest = response.headers.get('docker-content-digest');
  const mediaType = mediaTypeOf(response.headers.get('content-type'));
  const size = announcedSize(response);
  if (digest !== null && readDigest(digest) && mediaType !== undefined && size !== undefined) {
    if (isOther(reference, digest)) throw mismatch(reference, digest);
    return { digest, mediaType, size };
  }
  // Registries did not have to say the digest before version 1.2 of the specification.
  try {
    const { bytes: _bytes, json: _json, ...record } = await getManifest(place, reference, options);
    return record;
  } catch (error) {
    if (error instanceof RegistryNotFoundError) return undefined;
    throw error;
  }
}

/** Deletes a manifest with all its tags, by digest, or one tag alone. Old registries take digests only. */
export async function deleteManifest(place: Place, reference: string, signal?: AbortSignal): Promise<void> {
  await deleteThing(place, `manifests/${checkReference(reference)}`, signal);
}

/** The bare answer. */
export async function requestManifest(
  place: Place,
  method: 'GET' | 'HEAD',
  reference: string,
  options: ManifestOptions = {},
  allowed: readonly number[] = [],
): Promise<Response> {
  const { response } = await place.connection.send({
    method,
    url: pathIn(place, `manifests/${checkReference(reference)}`),
    scopes: [scopeOf(place.name, 'pull')],
    headers: { accept: options.accept?.join(', ') ?? ANY_MANIFEST },
    allowed,
    signal: options.signal,
  });
  return response;
}

/**
 * Compares the bytes with the digest that they were asked for by and with the one that the registry names.
 * @throws RegistryDigestError
 */
export async function verified(response: Response, reference: string, bytes: Uint8Array): Promise<ManifestRecord> {
  const named = response.headers.get('docker-content-digest') ?? undefined;
  const expected = [reference, named].filter((text) => text !== undefined && readDigest(text) !== undefined);
  for (const digest of new Set(expected)) {
    if (digest === undefined) continue;
    const got = await digestOf(bytes, parseDigest(digest).algorithm);
    if (got !== digest) throw mismatch(digest, got);
  }
  const mediaType = mediaTypeOf(response.headers.get('content-type'));
  const isKnown = mediaType !== undefined && !/^(?:application\/(?:json|octet-stream)|text\/plain)$/.test(mediaType);
  return {
    digest: expected[0] ?? (await digestOf(bytes)),
    // What says nothing gives way to what the manifest says of itself.
    mediaType: isKnown ? mediaType : (guessMediaType(parseJson(bytes)) ?? mediaType ?? 'application/octet-stream'),
    size: bytes.byteLength,
  };
}

/** Undefined for what is no JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function isOther(reference: string, digest: string): boolean {
  const [asked, got] = [readDigest(reference), readDigest(digest)];
  return asked !== undefined && asked.algorithm === got?.algorithm && reference !== digest;
}

function mismatch(expected: string, got: string): RegistryDigestError {
  return new RegistryDigestError(
    expected,
    got,
    `the registry sent a manifest of another digest: not ${expected} but ${got}`,
  );
}
