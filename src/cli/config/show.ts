import { describeConfig } from '../../config/describe-config.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { RegisterCommand } from '../context.ts';
import { type ServerOptions, serverFlags, withServerOptions } from '../server-options.ts';
import { print } from '../session.ts';
import { table } from '../table.ts';

export const registerConfigShow: RegisterCommand = (group, { io }) => {
  withServerOptions(group.command('show'))
    .description('show every setting, its value (secrets masked) and where it comes from')
    .option('--json', 'print the data as JSON')
    .action(async (options: ServerOptions) => {
      const rows = describeConfig(await loadConfig({ flags: serverFlags(options) }));
      print(io, options.json === true, rows, () =>
        table(
          ['KEY', 'VALUE', 'FROM'],
          rows.map(({ key, value, origin }) => [key, value === '' ? '-' : value, origin]),
        ),
      );
    });
};
