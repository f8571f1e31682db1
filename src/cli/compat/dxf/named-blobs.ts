import type { DXFPerPlatform } from '../../../client/dxf/dxf-options.ts';
import type { DxfSession } from './dxf-session.ts';

/** The digest of a blob, or what an alias of several platforms has for each. */
export type NamedBlob = string | DXFPerPlatform<readonly string[]>;

/** What `<hash>` and `@alias` mean, in their order; with none of them, a manifest on standard input. */
export async function namedBlobs(
  { dxf, io }: DxfSession,
  args: readonly string[],
  platform: string | undefined,
): Promise<readonly NamedBlob[]> {
  if (args.length === 0) return listed(await dxf.getAlias(undefined, { manifest: await readManifest(io), platform }));
  const found: NamedBlob[] = [];
  for (const name of args) {
    found.push(...(name.startsWith('@') ? listed(await dxf.getAlias(name.slice(1), { platform })) : [name]));
  }
  return found;
}

/** Whoever forgot an argument is told what is being waited for. */
export async function readManifest(io: DxfSession['io']): Promise<string> {
  if (io.inputIsTerminal) io.note('reading a manifest from standard input');
  return io.readInput();
}

export function listed<T>(
  blobs: readonly T[] | DXFPerPlatform<T[] | readonly T[]>,
): readonly (T | DXFPerPlatform<readonly T[]>)[] {
  return isList(blobs) ? blobs : [blobs];
}

export function isList<T>(blobs: readonly T[] | DXFPerPlatform<readonly T[]>): blobs is readonly T[] {
  return Array.isArray(blobs);
}
