import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';
import { describeDist } from './describe.ts';

export const registerDistShow: RegisterCommand = (group, context) => {
  withSession(group.command('show'))
    .description("show a distribution's settings")
    .argument('<repository>', 'FORMAT/NAME, e.g. apt/tools')
    .argument('<distribution>')
    .action(async (repository: string, name: string, _options: unknown, command: Command) => {
      const { client, print } = await openSession(context, command);
      const found = await client.index(parseRepository(repository), name);
      print(found, () => describeDist(found));
    });
};
