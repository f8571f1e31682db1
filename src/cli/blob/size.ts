import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { BLOB_ARGUMENT, namedBlobs } from '../oci/blob-arguments.ts';
import { OCI_ARGUMENT, parseOciArgument } from '../oci/oci-argument.ts';
import { openOci } from '../oci/open-oci.ts';
import { sizeOfBlob } from '../oci/size-of-blob.ts';
import { withSession } from '../session.ts';

interface Options {
  readonly platform?: string;
}

export const registerBlobSize: RegisterCommand = (group, context) => {
  withSession(group.command('size'))
    .description('print sizes in bytes, one line for each argument; of an alias that of all its blobs together')
    .argument('<repository>', OCI_ARGUMENT)
    .argument('<blobs...>', BLOB_ARGUMENT)
    .option('--platform <platform>', 'of an alias for several platforms, e.g. linux/amd64')
    .action(async (where: string, args: readonly string[], options: Options, command: Command) => {
      const oci = await openOci(context, command, parseOciArgument(where));
      const sizes: { readonly name: string; readonly size: number }[] = [];
      for (const { argument, blobs } of await namedBlobs(oci, args, options.platform)) {
        let total = 0;
        for (const { digest, size } of blobs) total += size ?? (await sizeOfBlob(oci, digest));
        sizes.push({ name: argument, size: total });
      }
      oci.print(sizes, () => sizes.map(({ size }) => size).join('\n'));
    });
};
