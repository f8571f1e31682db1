import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';

export const registerDistForget: RegisterCommand = (group, context) => {
  withSession(group.command('forget'))
    .description("forget a distribution's settings; its packages stay")
    .argument('<repository>', 'FORMAT/NAME, e.g. apt/tools')
    .argument('<distribution>')
    .action(async (repository: string, name: string, _options: unknown, command: Command) => {
      const { client, print } = await openSession(context, command);
      await client.forgetIndexSettings(parseRepository(repository), name);
      print({ forgotten: name }, () => `${name} has the usual settings`);
    });
};
