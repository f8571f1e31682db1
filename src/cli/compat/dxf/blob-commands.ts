import { fullDigest } from '../../../client/dxf/digests.ts';
import type { DXFSized } from '../../../client/dxf/dxf-options.ts';
import { pythonJson } from '../../../client/dxf/python-json.ts';
import { localFile } from '../../local-file.ts';
import { aliasIn, checkCount, type DxfCommand } from './dxf-command.ts';
import type { DxfSession } from './dxf-session.ts';
import { isList, namedBlobs, readManifest } from './named-blobs.ts';

export const BLOB_COMMANDS: readonly DxfCommand[] = [
  {
    name: 'push-blob',
    usage: '<repo> <file> [@alias]',
    summary: 'upload a file, unless it is there already, and print its hash',
    async run(session, args) {
      checkCount(args, 1, 2);
      const [file = '', alias] = [args[0], aliasIn(args[1])];
      const digest = await push(session, file);
      if (alias !== undefined) await session.dxf.setAlias(alias, digest);
      session.io.data(digest);
    },
  },
  {
    name: 'pull-blob',
    usage: '<repo> [<hash>|<@alias>...]',
    summary: 'write blobs to standard output',
    async run(session, args) {
      for (const blob of await namedBlobs(session, args, session.config.platform)) {
        if (typeof blob === 'string') await pull(session, blob);
        else session.io.data(pythonJson(blob));
      }
    },
  },
  {
    name: 'blob-size',
    usage: '<repo> [<hash>|<@alias>...]',
    summary: 'print the sizes of blobs, of an alias that of all its blobs together',
    async run(session, args) {
      const sizes = args.length === 0 ? [await sizeOf(session, undefined)] : [];
      for (const name of args) sizes.push(await sizeOf(session, name));
      for (const size of sizes) session.io.data(size);
    },
  },
  {
    name: 'mount-blob',
    usage: '<repo> <from-repo> <hash> [@alias]',
    summary: 'take a blob over from another repository of the registry and print its hash',
    async run({ dxf, io }, args) {
      checkCount(args, 2, 3);
      const [from = '', blob = '', alias] = [args[0], args[1], aliasIn(args[2])];
      const digest = await dxf.mountBlob(from, blob);
      if (alias !== undefined) await dxf.setAlias(alias, digest);
      io.data(digest);
    },
  },
  {
    name: 'del-blob',
    usage: '<repo> [<hash>|<@alias>...]',
    summary: 'delete blobs; an alias itself stays',
    async run(session, args) {
      const blobs = await namedBlobs(session, args, undefined);
      const digests = blobs.flatMap((blob) => (typeof blob === 'string' ? [blob] : Object.values(blob).flat()));
      for (const digest of new Set(digests.map(fullDigest))) await session.dxf.delBlob(digest);
    },
  },
];

async function push({ dxf, bar, config }: DxfSession, file: string): Promise<string> {
  localFile(file);
  const progress = (digest: string, chunk: Uint8Array, size = 0) =>
    chunk.byteLength === 0 ? bar?.begin(digest, size) : bar?.advance(chunk.byteLength);
  try {
    return await dxf.pushBlob(file, { progress: bar && progress, readSize: config.chunkSize });
  } finally {
    bar?.close();
  }
}

async function pull({ dxf, bar, config, io }: DxfSession, digest: string): Promise<void> {
  const [bytes, size] = await dxf.pullBlob(digest, { size: true, chunkSize: config.chunkSize });
  if (config.blobInfo) io.data(`${fullDigest(digest)} ${size}`);
  bar?.begin(fullDigest(digest), size);
  try {
    for await (const chunk of bytes) {
      bar?.advance(chunk.byteLength);
      await io.bytes(chunk);
    }
  } finally {
    bar?.close();
  }
}

/** As it is printed. @param name undefined: of a manifest on standard input */
async function sizeOf({ dxf, io, config: { platform } }: DxfSession, name: string | undefined): Promise<string> {
  if (name !== undefined && !name.startsWith('@')) return String(await dxf.blobSize(name));
  const sized = await (name === undefined
    ? dxf.getAlias(undefined, { manifest: await readManifest(io), sizes: true, platform })
    : dxf.getAlias(name.slice(1), { sizes: true, platform }));
  if (isList(sized)) return String(sum(sized));
  return pythonJson(Object.fromEntries(Object.entries(sized).map(([each, blobs]) => [each, sum(blobs)])));
}

function sum(blobs: readonly DXFSized[]): number {
  return blobs.reduce((total, [, size]) => total + size, 0);
}
