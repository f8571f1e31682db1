import { field } from '../../client/oci/field.ts';
import type { Manifest } from '../../client/oci/manifests.ts';
import { RegistryError, RegistryNotFoundError } from '../../client/oci/registry-error.ts';
import { notFound } from '../../model/errors.ts';
import { UsageError } from '../usage-error.ts';
import type { OciSession } from './open-oci.ts';

/** A blob that a manifest names. */
export interface ManifestBlob {
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
}

/** An image of one platform in an index. */
export interface PlatformEntry {
  /** `os/architecture[/variant]`; without a platform, its digest. */
  readonly platform: string;
  readonly digest: string;
}

/** @param reference an alias or the digest of a manifest @throws PackyardError `not_found` */
export async function readManifest({ repository, text }: OciSession, reference: string): Promise<Manifest> {
  try {
    return await repository.getManifest(reference);
  } catch (cause) {
    if (!(cause instanceof RegistryNotFoundError)) throw cause;
    const what = reference.includes(':') ? 'manifest' : 'alias';
    throw notFound(`there is no ${what} ${reference} in ${text}, or you may not see it`, {
      hint: `packyard alias list ${text}`,
      cause,
    });
  }
}

/** The blobs of a manifest without its configuration; of an index, those of the platform that is chosen. */
export async function blobsOf(
  oci: OciSession,
  { json, digest }: Manifest,
  platform: string | undefined,
): Promise<readonly ManifestBlob[]> {
  const entries = platformsIn(json);
  if (entries === undefined) return layersIn(json, digest);
  const { json: single } = await readManifest(oci, choose(entries, platform));
  return layersIn(single, digest);
}

/** Undefined for what is no index. */
export function platformsIn(manifest: unknown): readonly PlatformEntry[] | undefined {
  const entries = field(manifest, 'manifests');
  if (!Array.isArray(entries)) return undefined;
  return entries.flatMap((entry) => {
    const digest = field(entry, 'digest');
    return typeof digest === 'string' ? [{ digest, platform: platformOf(entry) ?? digest }] : [];
  });
}

function platformOf(entry: unknown): string | undefined {
  const [os, architecture, variant] = ['os', 'architecture', 'variant'].map((name) =>
    field(field(entry, 'platform'), name),
  );
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined;
  return [os, architecture, ...(typeof variant === 'string' && variant !== '' ? [variant] : [])].join('/');
}

/** @returns the digest of the manifest for the platform */
function choose(entries: readonly PlatformEntry[], platform: string | undefined): string {
  // Docker files its attestations under a platform of this name.
  const real = entries.filter((entry) => entry.platform !== 'unknown/unknown');
  const all = real.map((entry) => entry.platform).join(', ');
  if (platform === undefined) {
    const [first, second] = real;
    if (first !== undefined && second === undefined) return first.digest;
    throw new UsageError(`there are several platforms: ${all}`, `choose one, e.g. --platform ${first?.platform}`);
  }
  const chosen = real.find((entry) => entry.platform === platform);
  if (chosen) return chosen.digest;
  throw notFound(`there is nothing for the platform ${platform}`, { hint: `choose one of ${all}` });
}

function layersIn(manifest: unknown, digest: string): readonly ManifestBlob[] {
  const layers = field(manifest, 'layers');
  if (!Array.isArray(layers) || !layers.every(isBlob)) {
    throw new RegistryError('unexpected_answer', `${digest} names no blobs: it is a manifest of another kind`);
  }
  return layers.map(({ digest: blob, size }) => ({ digest: blob, size }));
}

function isBlob(value: unknown): value is ManifestBlob {
  return typeof field(value, 'digest') === 'string' && typeof field(value, 'size') === 'number';
}
