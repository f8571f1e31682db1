import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { parsePackageVersion } from '../package-version.ts';
import { printableLine } from '../printable.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';

export const registerAliasSet: RegisterCommand = (group, context) => {
  withSession(group.command('set'))
    .description('point an alias at a version, new or again')
    .argument('<repository>', 'FORMAT/NAME, e.g. generic/firmware')
    .argument('<package@version>')
    .argument('<alias>', 'e.g. stable')
    .action(async (repository: string, target: string, alias: string, _options: unknown, command: Command) => {
      const { package: name, version } = parsePackageVersion(target);
      const { client, print } = await openSession(context, command);
      const set = await client.setAlias(parseRepository(repository), name, { name: alias, target: version });
      print(set, () => printableLine(`${name}@${set.name} is ${set.target}`));
    });
};
