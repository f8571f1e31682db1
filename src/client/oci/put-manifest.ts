import { parseDigest } from './digest.ts';
import { digestOf } from './hasher.ts';
import { type ManifestRecord, parseJson } from './manifests.ts';
import { guessMediaType } from './media-types.ts';
import { checkTag } from './names.ts';
import type { Place } from './place.ts';
import { putBytes } from './put-bytes.ts';
import { addToFallback, subjectOf } from './referrers-fallback.ts';
import { RegistryDigestError, RegistryError } from './registry-error.ts';

export interface PutManifestOptions {
  /** Tags for it. With none, it can be got by its digest alone. */
  readonly tags?: readonly string[];
  /** Left out, what the manifest says of itself, or looks like. */
  readonly mediaType?: string;
  /** What it has to be; also the way to have it stored under a sha512 digest. */
  readonly digest?: string;
  readonly signal?: AbortSignal;
}

export interface PutManifestResult extends ManifestRecord {
  readonly tags: readonly string[];
}

/** Stores a manifest, byte for byte, and gives it tags. */
export async function putManifest(
  place: Place,
  manifest: Uint8Array | string,
  options: PutManifestOptions = {},
): Promise<PutManifestResult> {
  const bytes = typeof manifest === 'string' ? new TextEncoder().encode(manifest) : new Uint8Array(manifest);
  const tags = [...new Set((options.tags ?? []).map(checkTag))];
  const json = parseJson(bytes);
  const mediaType = options.mediaType ?? guessMediaType(json);
  if (mediaType === undefined) {
    throw new RegistryError('invalid_request', 'the manifest does not say what it is', { hint: 'give its media type' });
  }
  const digest = await digestOf(bytes, options.digest === undefined ? 'sha256' : parseDigest(options.digest).algorithm);
  if (options.digest !== undefined && digest !== options.digest) {
    throw new RegistryDigestError(
      options.digest,
      digest,
      `the manifest to push is not ${options.digest} but ${digest}`,
    );
  }
  const put = (path: string) => putBytes(place, path, { bytes, mediaType, digest, signal: options.signal });
  const [only] = tags;
  const byTag = only !== undefined && tags.length === 1 && options.digest === undefined;
  const query = tags.map((tag) => `tag=${encodeURIComponent(tag)}`).join('&');
  const headers = await put(byTag ? only : `${digest}${query === '' ? '' : `?${query}`}`);
  // Several tags in one request are new in version 1.2 of the specification: whatever the registry does not confirm is put alone.
  const confirmed = byTag ? tags : (headers.get('oci-tag') ?? '').split(',').map((tag) => tag.trim());
  for (const tag of tags) if (!confirmed.includes(tag)) await put(tag);
  const subject = subjectOf(json);
  if (subject !== undefined && headers.get('oci-subject') === null) {
    await addToFallback(place, subject, { digest, mediaType, size: bytes.byteLength, manifest: json }, options.signal);
  }
  return { digest, mediaType, size: bytes.byteLength, tags };
}
