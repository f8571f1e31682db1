import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';

export const registerDistList: RegisterCommand = (group, context) => {
  withSession(group.command('list'))
    .description('list the distributions that have packages or settings')
    .argument('<repository>', 'FORMAT/NAME, e.g. apt/tools')
    .action(async (repository: string, _options: unknown, command: Command) => {
      const { client, io, json, print } = await openSession(context, command);
      const found = await client.indexes(parseRepository(repository));
      if (found.length === 0 && !json) return io.note('no distributions yet; the first package in one makes it');
      print(found, () => found.map(({ name }) => name).join('\n'));
    });
};
