import type { Command } from 'commander';
import { collect } from '../collect.ts';
import type { RegisterCommand } from '../context.ts';
import { parseExpiry } from '../duration.ts';
import { printableLine } from '../printable.ts';
import { formatScope, parseScope } from '../scopes.ts';
import { openSession, withSession } from '../session.ts';

interface Options {
  readonly scope: readonly string[];
  readonly user?: string;
  readonly expires?: string;
}

export const registerTokenCreate: RegisterCommand = (group, context) => {
  withSession(group.command('create'))
    .description('create a token; its secret is printed once')
    .argument('<name>', 'what it is for, e.g. ci')
    .requiredOption(
      '--scope <repository:actions>',
      "what it may do, e.g. 'pypi/tools:read,write'; may be repeated",
      collect,
    )
    .option('--user <user>', 'whose token it is; left out, yours')
    .option('--expires <when>', 'until when it works: 12h, 90d, 26w, 1y or a date; left out, until it is revoked')
    .addHelpText(
      'after',
      "\nActions: read, write, delete, promote, admin (all of them).\nExample: packyard token create ci --scope 'pypi/*:read,write' --expires 90d",
    )
    .action(async (name: string, options: Options, command: Command) => {
      const scopes = options.scope.map(parseScope);
      const expiresAt =
        options.expires === undefined ? undefined : parseExpiry(options.expires, new Date()).toISOString();
      const { client, io, json, print } = await openSession(context, command);
      const created = await client.createToken({ name, user: options.user, scopes, expiresAt });
      print(created, () => created.token);
      if (json) return;
      const until = created.expiresAt === undefined ? '' : `, until ${created.expiresAt}`;
      io.note(
        printableLine(`token ${created.id} of ${created.user}: ${created.scopes.map(formatScope).join(' ')}${until}`),
      );
      io.note('This is the only time the secret is shown.');
    });
};
