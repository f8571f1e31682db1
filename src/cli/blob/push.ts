import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { aliasArgument } from '../oci/blob-arguments.ts';
import { OCI_ARGUMENT, parseOciArgument } from '../oci/oci-argument.ts';
import { openOci } from '../oci/open-oci.ts';
import { pushFile } from '../oci/push-file.ts';
import { putAlias } from '../oci/put-alias.ts';
import { parsePositive } from '../positive-number.ts';
import { withSession } from '../session.ts';

interface Options {
  readonly chunkSize?: number;
}

export const registerBlobPush: RegisterCommand = (group, context) => {
  withSession(group.command('push'))
    .description('upload a file, unless it is there already, and print its digest')
    .argument('<repository>', OCI_ARGUMENT)
    .argument('<file>', '- is standard input')
    .argument('[@alias]', 'a name for it')
    .option(
      '--chunk-size <bytes>',
      'send it in pieces of this size, for proxies that take no large requests',
      parsePositive,
    )
    .action(async (where: string, file: string, name: string | undefined, options: Options, command: Command) => {
      const alias = aliasArgument(name);
      const oci = await openOci(context, command, parseOciArgument(where));
      const { digest, size, result } = await pushFile(oci, file, { chunkSize: options.chunkSize });
      const manifest = alias === undefined ? undefined : await putAlias(oci.repository, alias, [{ digest, size }]);
      const named = manifest && { name: alias, target: manifest.digest };
      oci.print({ digest, size, result, ...(named && { alias: named }) }, () => digest);
    });
};
