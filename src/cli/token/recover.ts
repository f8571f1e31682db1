import type { Command } from 'commander';
import { loadConfig } from '../../config/load-config.ts';
import type { RegisterCommand } from '../context.ts';
import { type ServerOptions, serverFlags, withServerOptions } from '../server-options.ts';
import { print } from '../session.ts';

export const registerTokenRecover: RegisterCommand = (group, context) => {
  withServerOptions(group.command('recover'), ['data', 'database'])
    .description('make a new administrator token on the data folder itself, when all others are lost')
    .option('--json', 'print the data as JSON')
    .action(async (options: ServerOptions & { readonly json?: boolean }, command: Command) => {
      const json = command.optsWithGlobals<{ readonly json?: boolean }>().json === true;
      const { config } = await loadConfig({ flags: serverFlags(options) });
      const { recoverAdminToken } = await import('../../server/recover.ts');
      const token = await recoverAdminToken(config);
      print(context.io, json, { token }, () => token);
      if (!json) context.io.note('This is the only time the secret is shown.');
    });
};
