import { parseDigest, readDigest } from './digest.ts';
import { field } from './field.ts';
import { digestOf } from './hasher.ts';
import { getManifest, type Manifest } from './manifests.ts';
import { OCI_INDEX } from './media-types.ts';
import type { Place } from './place.ts';
import { putBytes } from './put-bytes.ts';
import { RegistryError, RegistryNotFoundError } from './registry-error.ts';

/** One entry of an index: a manifest, and what it is. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Distribution specification, "Referrers tag schema": where registries without the API keep what refers to a digest. */
export function fallbackTag(digest: string): string {
  const { algorithm, hex } = parseDigest(digest);
  return `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`;
}

/** The list under the fallback tag; empty when there is none. */
export async function readFallback(
  place: Place,
  subject: string,
  signal?: AbortSignal,
): Promise<readonly Descriptor[]> {
  const tag = fallbackTag(subject);
  let manifest: Manifest;
  try {
    manifest = await getManifest(place, tag, { accept: [OCI_INDEX], signal });
  } catch (error) {
    if (error instanceof RegistryNotFoundError) return [];
    throw error;
  }
  return descriptorsIn(manifest.json, tag);
}

/** @throws RegistryError `unexpected_answer` when it is no index */
export function descriptorsIn(index: unknown, what: string): readonly Descriptor[] {
  const list = field(index, 'manifests');
  if (!Array.isArray(list) || !list.every(isDescriptor)) {
    throw new RegistryError('unexpected_answer', `${what} is not an image index`);
  }
  return list;
}

/** What a client has to do itself where the registry does not know of referrers. Two at the same time can lose an entry. */
export async function addToFallback(
  place: Place,
  subject: string,
  pushed: { readonly digest: string; readonly mediaType: string; readonly size: number; readonly manifest: unknown },
  signal?: AbortSignal,
): Promise<void> {
  const present = await readFallback(place, subject, signal);
  if (present.some((entry) => entry.digest === pushed.digest)) return;
  const { manifest, ...record } = pushed;
  const artifactType = field(manifest, 'artifactType') || field(field(manifest, 'config'), 'mediaType');
  const annotations = field(manifest, 'annotations');
  const entry = {
    ...record,
    ...(typeof artifactType === 'string' && { artifactType }),
    ...(typeof annotations === 'object' && annotations !== null && { annotations }),
  };
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [...present, entry] };
  const bytes = new TextEncoder().encode(JSON.stringify(index));
  await putBytes(place, fallbackTag(subject), { bytes, mediaType: OCI_INDEX, digest: await digestOf(bytes), signal });
}

/** The digest in a manifest's `subject`. */
export function subjectOf(manifest: unknown): string | undefined {
  const digest = field(field(manifest, 'subject'), 'digest');
  return typeof digest === 'string' && readDigest(digest) !== undefined ? digest : undefined;
}

function isDescriptor(value: unknown): value is Descriptor {
  const [digest, mediaType, size] = [field(value, 'digest'), field(value, 'mediaType'), field(value, 'size')];
  return typeof digest === 'string' && typeof mediaType === 'string' && typeof size === 'number';
}
