import { pythonJson } from '../../../client/dxf/python-json.ts';
import { hashFile } from '../../../client/oci/local-file.ts';
import { localFile } from '../../local-file.ts';
import { checkCount, type DxfCommand } from './dxf-command.ts';
import type { DxfSession } from './dxf-session.ts';
import { readManifest } from './named-blobs.ts';

export const ALIAS_COMMANDS: readonly DxfCommand[] = [
  {
    name: 'set-alias',
    usage: '<repo> <alias> <hash>|<file>...',
    summary: 'give a name to blobs that are there; a file (written with a /) says which by its content',
    async run({ dxf, io }, args) {
      checkCount(args, 2);
      const [alias = '', ...blobs] = args;
      const digests: string[] = [];
      for (const blob of blobs) digests.push(blob.includes('/') ? await hashOf(blob) : blob);
      await io.bytes(await dxf.setAlias(alias, ...digests));
    },
  },
  {
    name: 'get-alias',
    usage: '<repo> [<alias>...]',
    summary: 'print the hashes of the blobs that aliases name',
    async run(session, args) {
      const found = await forEach(session, args, (name, options) => session.dxf.getAlias(name, options));
      for (const blobs of found) for (const line of linesOf(blobs)) session.io.data(line);
    },
  },
  {
    name: 'del-alias',
    usage: '<repo> <alias>...',
    summary: 'delete aliases with their manifest, and print the hashes of their blobs, which stay',
    async run({ dxf, io }, args) {
      // Printed at once: when a later one fails, these can be had nowhere else.
      for (const name of args) for (const line of linesOf(await dxf.delAlias(name))) io.data(line);
    },
  },
  {
    name: 'get-digest',
    usage: '<repo> [<alias>...]',
    summary: "print the hash of an alias's configuration; where dxf made it, of its first blob",
    async run(session, args) {
      const found = await forEach(session, args, (name, options) => session.dxf.getDigest(name, options));
      for (const digest of found) session.io.data(typeof digest === 'string' ? digest : pythonJson(digest));
    },
  },
  {
    name: 'get-manifest',
    usage: '<repo> <alias>...',
    summary: 'print the manifests of aliases, as they are',
    async run({ dxf, io, config: { platform } }, args) {
      for (const name of args) {
        const manifest = await dxf.getManifest(name, { platform });
        await io.bytes(typeof manifest === 'string' ? manifest : pythonJson(manifest));
      }
    },
  },
];

function hashOf(path: string): Promise<string> {
  localFile(path);
  return hashFile(path);
}

/** Asks for each alias, or once for the manifest on standard input; nothing is printed before all is known. */
async function forEach<T>(
  { io, config: { platform } }: DxfSession,
  args: readonly string[],
  ask: (name: string | undefined, options: { readonly platform?: string; readonly manifest?: string }) => Promise<T>,
): Promise<readonly T[]> {
  if (args.length === 0) return [await ask(undefined, { manifest: await readManifest(io), platform })];
  const found: T[] = [];
  for (const name of args) found.push(await ask(name, { platform }));
  return found;
}

function linesOf(blobs: readonly string[] | Readonly<Record<string, unknown>>): readonly string[] {
  return Array.isArray(blobs) ? blobs : [pythonJson(blobs)];
}
