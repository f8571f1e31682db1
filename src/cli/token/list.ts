import type { Command } from 'commander';
import type { TokenRecord } from '../../client/api-types.ts';
import type { RegisterCommand } from '../context.ts';
import { formatScope } from '../scopes.ts';
import { openSession, withSession } from '../session.ts';
import { table } from '../table.ts';

export const registerTokenList: RegisterCommand = (group, context) => {
  withSession(group.command('list'))
    .description('list all tokens, without their secrets')
    .action(async (_options: unknown, command: Command) => {
      const { client, print } = await openSession(context, command);
      const tokens = await client.tokens();
      print(tokens, () =>
        table(
          ['ID', 'NAME', 'USER', 'BEGINS WITH', 'SCOPES', 'STATE', 'LAST USED'],
          tokens.map((token) => [
            token.id,
            token.name,
            token.user,
            token.hint,
            token.scopes.map(formatScope).join(' '),
            state(token, new Date()),
            token.lastUsedAt ?? 'never',
          ]),
        ),
      );
    });
};

function state(token: TokenRecord, now: Date): string {
  if (token.revokedAt !== undefined) return `revoked ${token.revokedAt}`;
  if (token.expiresAt === undefined) return 'active';
  return `${new Date(token.expiresAt) <= now ? 'expired' : 'active until'} ${token.expiresAt}`;
}
