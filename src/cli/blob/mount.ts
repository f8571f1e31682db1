import type { Command } from 'commander';
import { PackyardError } from '../../model/errors.ts';
import type { RegisterCommand } from '../context.ts';
import { aliasArgument } from '../oci/blob-arguments.ts';
import { OCI_ARGUMENT, parseOciArgument } from '../oci/oci-argument.ts';
import { openOci } from '../oci/open-oci.ts';
import { putAlias } from '../oci/put-alias.ts';
import { sizeOfBlob } from '../oci/size-of-blob.ts';
import { withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export const registerBlobMount: RegisterCommand = (group, context) => {
  withSession(group.command('mount'))
    .description('take a blob over from another repository of the registry, without sending it')
    .argument('<repository>', OCI_ARGUMENT)
    .argument('<from>', 'the repository that has it, written in the same way')
    .argument('<digest>')
    .argument('[@alias]', 'a name for it')
    .action(async (...given: readonly unknown[]) => {
      const [where, source, digest, name, , command] = given as [string, string, string, string?, unknown?, Command?];
      const [to, from, alias] = [parseOciArgument(where), parseOciArgument(source), aliasArgument(name)];
      if (to.registry !== from.registry)
        throw new UsageError(
          'a blob can be taken over within one registry only',
          `packyard blob pull ${source} ${digest} | packyard blob push ${where} -`,
        );
      const oci = await openOci(context, command as Command, to);
      if (!(await oci.repository.mountBlob(digest, from.name)))
        throw new PackyardError('not_found', `the registry does not take ${digest} over from ${source}`, {
          hint: `check that it is there and that you may read it: packyard blob size ${source} ${digest}`,
        });
      const size = await sizeOfBlob(oci, digest);
      const manifest = alias === undefined ? undefined : await putAlias(oci.repository, alias, [{ digest, size }]);
      const named = manifest && { name: alias, target: manifest.digest };
      oci.print({ digest, size, result: 'mounted', ...(named && { alias: named }) }, () => digest);
    });
};
