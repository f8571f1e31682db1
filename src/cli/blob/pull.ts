import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { BLOB_ARGUMENT, type NamedBlobs, namedBlobs } from '../oci/blob-arguments.ts';
import { OCI_ARGUMENT, parseOciArgument } from '../oci/oci-argument.ts';
import { type OciSession, openOci } from '../oci/open-oci.ts';
import { replaceFile, type Sink } from '../oci/replace-file.ts';
import { printableLine } from '../printable.ts';
import { Progress } from '../progress.ts';
import { withSession } from '../session.ts';

interface Options {
  readonly output?: string;
  readonly platform?: string;
}

export const registerBlobPull: RegisterCommand = (group, context) => {
  withSession(group.command('pull'))
    .description('download blobs, one after another, to standard output or into a file')
    .argument('<repository>', OCI_ARGUMENT)
    .argument('<blobs...>', BLOB_ARGUMENT)
    .option('-o, --output <file>', 'write a file, which is there only when every digest is right')
    .option('--platform <platform>', 'of an alias for several platforms, e.g. linux/amd64')
    .action(async (where: string, args: readonly string[], options: Options, command: Command) => {
      const oci = await openOci(context, command, parseOciArgument(where));
      const named = await namedBlobs(oci, args, options.platform);
      const { output } = options;
      if (output === undefined || output === '-')
        return void (await pullAll(oci, named, (bytes) => oci.io.bytes(bytes)));
      const pulled = { file: output, size: 0, blobs: named.flatMap(({ blobs }) => blobs.map(({ digest }) => digest)) };
      await replaceFile(output, async (sink) => {
        pulled.size = await pullAll(oci, named, sink);
      });
      if (oci.json) oci.print(pulled, () => '');
      else oci.io.note(printableLine(`wrote ${output}: ${pulled.size} bytes, verified`));
    });
};

/** @returns the number of bytes */
async function pullAll(oci: OciSession, named: readonly NamedBlobs[], sink: Sink): Promise<number> {
  let total = 0;
  for (const { blobs, argument } of named) {
    for (const { digest, size } of blobs) total += await pull(oci, { digest, size, label: argument }, sink);
  }
  return total;
}

async function pull(
  { repository, io }: OciSession,
  { digest, size, label }: { readonly digest: string; readonly size?: number; readonly label: string },
  sink: Sink,
): Promise<number> {
  let received = 0;
  const blob = await repository.pullBlob(digest, { size });
  const progress = new Progress(io, label.slice(0, 20), blob.size);
  try {
    for await (const bytes of blob.stream) {
      await sink(bytes);
      received += bytes.byteLength;
      progress.update(received);
    }
    return received;
  } finally {
    progress.finish();
  }
}
