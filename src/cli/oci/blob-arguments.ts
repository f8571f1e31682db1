import { readDigest } from '../../client/oci/digest.ts';
import { checkTag } from '../../client/oci/names.ts';
import { UsageError } from '../usage-error.ts';
import type { OciSession } from './open-oci.ts';
import { blobsOf, type ManifestBlob, readManifest } from './read-manifest.ts';

export const BLOB_ARGUMENT = 'a digest (sha256:…), or @ALIAS for the blobs of an alias';

/** What one argument names. */
export interface NamedBlobs {
  readonly argument: string;
  /** The size is undefined for a blob that was named by its digest. */
  readonly blobs: readonly (Omit<ManifestBlob, 'size'> & { readonly size?: number })[];
}

/** All are looked up before anything is done with the first. */
export async function namedBlobs(
  oci: OciSession,
  args: readonly string[],
  platform: string | undefined,
): Promise<readonly NamedBlobs[]> {
  const found: NamedBlobs[] = [];
  for (const argument of args.map(checked)) {
    const alias = argument.startsWith('@') ? argument.slice(1) : undefined;
    const blobs =
      alias === undefined ? [{ digest: argument }] : await blobsOf(oci, await readManifest(oci, alias), platform);
    found.push({ argument, blobs });
  }
  return found;
}

/** The name in `@NAME`, checked before anything is sent. */
export function aliasArgument(argument: string | undefined): string | undefined {
  if (argument === undefined) return undefined;
  if (argument.startsWith('@')) return checkTag(argument.slice(1));
  throw new UsageError(`not an alias: ${JSON.stringify(argument)}`, `write it with @ before it: @${argument}`);
}

function checked(argument: string): string {
  if (argument.startsWith('@') || readDigest(argument) !== undefined) return argument;
  const isHex = /^[0-9a-f]{64}$/.test(argument);
  throw new UsageError(
    `neither a digest nor an alias: ${JSON.stringify(argument)}`,
    isHex ? `write sha256:${argument}` : `write a digest like sha256: and 64 digits, or an alias like @${argument}`,
  );
}
