import { loadConfig } from '../../config/load-config.ts';
import type { RegisterCommand } from '../context.ts';
import { type ServerOptions, serverFlags, withServerOptions } from '../server-options.ts';

export const registerConfigCheck: RegisterCommand = (group, { io }) => {
  withServerOptions(group.command('check'))
    .description('say whether the server would start with this configuration; exit code 2 if not')
    .action(async (options: ServerOptions) => {
      const { config } = await loadConfig({ flags: serverFlags(options) });
      const local = /^(127\.|::1$|localhost$)/.test(config.listen.host);
      if (!local && config.anonymous === 'write') {
        io.note(
          `warning: anonymous is "write" and ${config.listen.host} can be reached from other machines: anybody can publish`,
        );
      }
      io.note('the configuration is valid');
    });
};
