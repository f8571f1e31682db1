import { OCI_INDEX } from './parse.ts';

export interface TagsDocument {
  readonly name: string;
  readonly tags: readonly string[];
}

export interface CatalogDocument {
  readonly repositories: readonly string[];
}

/** A manifest as a list of referrers names it. */
export interface ReferrerDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image index, as the distribution spec wants referrers listed. */
export function referrersDocument(manifests: readonly ReferrerDescriptor[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests });
}

/** The tag under which clients list referrers where a registry does not: `sha256-<hex>`, cut to a tag's length. */
export function fallbackTag(digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':');
  return `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`;
}
