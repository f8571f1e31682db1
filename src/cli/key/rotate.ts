import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';
import { describeAdded } from './describe-added.ts';

export const registerKeyRotate: RegisterCommand = (group, context) => {
  withSession(group.command('rotate'))
    .description('make a new key; it signs from now on, beside the present ones')
    .argument('<repository>', 'FORMAT/NAME, e.g. apt/tools')
    .option(
      '--retire-others',
      'let the present keys sign no longer: clients that know only those refuse the repository',
    )
    .action(async (repository: string, options: { readonly retireOthers?: boolean }, command: Command) => {
      const { client, print } = await openSession(context, command);
      const key = await client.addSigningKey(parseRepository(repository), { retireOthers: options.retireOthers });
      print(key, () => describeAdded(key, repository, options.retireOthers));
    });
};
