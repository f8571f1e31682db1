import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { printableLine } from '../printable.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';

export const registerAliasDelete: RegisterCommand = (group, context) => {
  withSession(group.command('delete'))
    .description('delete an alias; the version stays')
    .argument('<repository>', 'FORMAT/NAME, e.g. generic/firmware')
    .argument('<package>')
    .argument('<alias>')
    .action(async (repository: string, name: string, alias: string, _options: unknown, command: Command) => {
      const { client, print } = await openSession(context, command);
      await client.removeAlias(parseRepository(repository), name, alias);
      print({ deleted: alias }, () => printableLine(`deleted alias ${alias} of ${name}`));
    });
};
