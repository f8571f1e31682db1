import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';
import { table } from '../table.ts';

export const registerAliasList: RegisterCommand = (group, context) => {
  withSession(group.command('list'))
    .description("list a package's aliases")
    .argument('<repository>', 'FORMAT/NAME, e.g. generic/firmware')
    .argument('<package>')
    .action(async (repository: string, name: string, _options: unknown, command: Command) => {
      const { client, io, json, print } = await openSession(context, command);
      const aliases = await client.aliases(parseRepository(repository), name);
      if (aliases.length === 0 && !json) return io.note('no aliases');
      print(aliases, () =>
        table(
          ['ALIAS', 'VERSION'],
          aliases.map((alias) => [alias.name, alias.target]),
        ),
      );
    });
};
