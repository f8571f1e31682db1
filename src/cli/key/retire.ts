import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';

export const registerKeyRetire: RegisterCommand = (group, context) => {
  withSession(group.command('retire'))
    .description('let a key sign no longer')
    .argument('<repository>', 'FORMAT/NAME, e.g. apt/tools')
    .argument('<fingerprint>', 'as `packyard key show` prints it')
    .action(async (repository: string, fingerprint: string, _options: unknown, command: Command) => {
      const { client, print } = await openSession(context, command);
      await client.retireSigningKey(parseRepository(repository), fingerprint);
      print({ retired: fingerprint }, () => `${fingerprint} signs no longer`);
    });
};
