import { inBatches } from '../database/in-batches.ts';
import { listFileMetadata, listReferrers, listVersionsNaming } from '../database/queries/package-blobs.ts';
import type { Queryable } from '../database/tables.ts';
import type { JsonObject, Referrer } from './model.ts';
import type { Page } from './registry.ts';

const KIND = 'subject';
/** Bytes of manifests whose annotations are in memory together: each may have 8 MiB of them. */
const TOGETHER = 4 * 1024 * 1024;

export interface ReferrersPart {
  readonly items: readonly Referrer[];
  /** Whether there may be some behind these. */
  readonly more: boolean;
}

/** Some of the versions that name this one as their subject, in order of their digests: as many as fit into memory well, but one. */
export async function findReferrers(
  db: Queryable,
  packageId: number,
  digest: string,
  { after = '', limit }: Page,
): Promise<ReferrersPart> {
  const rows = await listReferrers(db, packageId, { kind: KIND, digest }, { after, limit });
  let bytes = 0;
  // What a manifest's row says of it is not longer than the manifest.
  const some = rows.filter(({ size }, index) => {
    bytes += size;
    return index === 0 || bytes <= TOGETHER;
  });
  const metadata =
    some.length > 0
      ? await listFileMetadata(
          db,
          some.map(({ file_id }) => file_id),
        )
      : new Map();
  const items = some.map(({ file_id, version, size }) => ({
    version,
    size,
    metadata: JSON.parse(metadata.get(file_id) ?? '{}') as JsonObject,
  }));
  return { items, more: some.length < rows.length || rows.length === limit };
}

/** Those of these versions that name this one as their subject. */
export async function findNaming(
  db: Queryable,
  packageId: number,
  digest: string,
  versions: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const some of inBatches(versions))
    for (const version of await listVersionsNaming(db, packageId, { kind: KIND, digest }, some)) found.add(version);
  return found;
}
