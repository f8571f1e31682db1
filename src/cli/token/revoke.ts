import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { openSession, withSession } from '../session.ts';

export const registerTokenRevoke: RegisterCommand = (group, context) => {
  withSession(group.command('revoke'))
    .description('revoke a token at once')
    .argument('<id>', 'as `packyard token list` shows it')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { client, print } = await openSession(context, command);
      await client.revokeToken(id);
      print({ revoked: id }, () => `revoked ${id}`);
    });
};
