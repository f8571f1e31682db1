import type { Command } from 'commander';
import { confirm } from '../confirm.ts';
import type { RegisterCommand } from '../context.ts';
import { count } from '../count.ts';
import { exitCodeOf, worstExitCode } from '../exit-codes.ts';
import { BLOB_ARGUMENT, namedBlobs } from '../oci/blob-arguments.ts';
import { OCI_ARGUMENT, parseOciArgument } from '../oci/oci-argument.ts';
import { openOci } from '../oci/open-oci.ts';
import { reportError } from '../report-error.ts';
import { withSession } from '../session.ts';

interface Options {
  readonly platform?: string;
  readonly yes?: boolean;
}

export const registerBlobDelete: RegisterCommand = (group, context) => {
  withSession(group.command('delete'))
    .description('delete blobs; an alias stays, though it then names what is not there')
    .argument('<repository>', OCI_ARGUMENT)
    .argument('<blobs...>', BLOB_ARGUMENT)
    .option('--platform <platform>', 'of an alias for several platforms, e.g. linux/amd64')
    .option('--yes', 'do not ask')
    .action(async (where: string, args: readonly string[], options: Options, command: Command) => {
      const oci = await openOci(context, command, parseOciArgument(where));
      const named = await namedBlobs(oci, args, options.platform);
      const digests = [...new Set(named.flatMap(({ blobs }) => blobs.map(({ digest }) => digest)))];
      await confirm(oci.io, `Delete ${count(digests.length, 'blob')} from ${oci.text}?`, options.yes);
      const deleted: string[] = [];
      const codes: number[] = [];
      for (const digest of digests) {
        try {
          await oci.repository.deleteBlob(digest);
          deleted.push(digest);
          if (!oci.json) oci.io.data(`deleted ${digest}`);
        } catch (error) {
          // The others are deleted all the same.
          codes.push(exitCodeOf(error));
          reportError(oci.io, error, oci.json);
          if (oci.signal.aborted) break;
        }
      }
      if (oci.json) oci.print({ deleted }, () => '');
      context.exitCode = worstExitCode(codes);
    });
};
