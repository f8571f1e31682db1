import { field } from '../oci/field.ts';
import { DOCKER_LIST, DOCKER_MANIFEST, guessMediaType, OCI_INDEX, OCI_MANIFEST } from '../oci/media-types.ts';
import { RegistryError } from '../oci/registry-error.ts';
import { splitDigest } from './digests.ts';
import { DXFPlatformDataNotFound, DXFUnsupportedSchemaType } from './dxf-errors.ts';
import type { DXFPerPlatform, DXFSized } from './dxf-options.ts';

/** A manifest as it came, and what the registry says that it is. */
export interface ManifestText {
  readonly text: string;
  readonly mediaType?: string;
}

export interface AliasReader<T> {
  /** What is wanted of one manifest. */
  readonly pick: (manifest: unknown, text: string) => T;
  /** What is wanted of an index's entry. */
  readonly pickEntry: (digest: string) => Promise<T>;
}

/** Reads a manifest, or from an index what it has for each platform, or for the one that is asked for. */
export async function readAlias<T>(
  { text, mediaType }: ManifestText,
  reader: AliasReader<T>,
  platform: string | undefined,
): Promise<T | DXFPerPlatform<T>> {
  const manifest = parse(text);
  const kind = kindOf(manifest, mediaType);
  if (isSingle(kind)) return reader.pick(manifest, text);
  if (kind !== DOCKER_LIST && kind !== OCI_INDEX) throw new DXFUnsupportedSchemaType(kind);
  const found: [string, T][] = [];
  for (const entry of listIn(manifest, 'manifests')) {
    const [name, digest] = [platformOf(entry), digestIn(entry)];
    if (platform === undefined) found.push([name, await reader.pickEntry(digest)]);
    else if (name === platform) return reader.pickEntry(digest);
  }
  if (platform !== undefined) throw new DXFPlatformDataNotFound(platform);
  return Object.fromEntries(found);
}

/** The same for a manifest that has to be a single one: an index in an index is too much. */
export function readSingle<T>({ text, mediaType }: ManifestText, pick: AliasReader<T>['pick']): T {
  const manifest = parse(text);
  const kind = kindOf(manifest, mediaType);
  if (!isSingle(kind)) throw new DXFUnsupportedSchemaType(kind);
  return pick(manifest, text);
}

export function blobsOf(manifest: unknown): string[] {
  return listIn(manifest, 'layers').map(digestIn);
}

export function sizedBlobsOf(manifest: unknown): DXFSized[] {
  return listIn(manifest, 'layers').map((layer) => {
    const size = field(layer, 'size');
    return [digestIn(layer), typeof size === 'number' ? size : 0];
  });
}

export function configOf(manifest: unknown): string {
  return digestIn(field(manifest, 'config'));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new RegistryError('unexpected_answer', 'the manifest is not JSON');
  }
}

/** What the manifest says of itself counts; OCI lets it say nothing. */
function kindOf(manifest: unknown, mediaType: string | undefined): string {
  const own = field(manifest, 'mediaType');
  const guessed = guessMediaType(manifest);
  const known = [mediaType].find((type) => type !== undefined && (isSingle(type) || isIndex(type)));
  return typeof own === 'string' ? own : (known ?? guessed ?? mediaType ?? 'unknown');
}

function isSingle(mediaType: string): boolean {
  return mediaType === DOCKER_MANIFEST || mediaType === OCI_MANIFEST;
}

function isIndex(mediaType: string): boolean {
  return mediaType === DOCKER_LIST || mediaType === OCI_INDEX;
}

/** `os/architecture[/variant]`; an entry without a platform goes by its digest. */
function platformOf(entry: unknown): string {
  const platform = field(entry, 'platform');
  const [os, architecture, variant] = ['os', 'architecture', 'variant'].map((name) => field(platform, name));
  if (typeof os !== 'string' || typeof architecture !== 'string') return digestIn(entry);
  return typeof variant === 'string' && variant !== '' ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`;
}

function listIn(manifest: unknown, name: string): readonly unknown[] {
  const list = field(manifest, name) ?? [];
  if (Array.isArray(list)) return list;
  throw new RegistryError('unexpected_answer', `${name} of the manifest is no list`);
}

function digestIn(descriptor: unknown): string {
  const digest = field(descriptor, 'digest');
  if (typeof digest !== 'string')
    throw new RegistryError('unexpected_answer', 'the manifest refers to something without a digest');
  splitDigest(digest);
  return digest;
}
