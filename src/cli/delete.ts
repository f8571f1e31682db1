import type { Command } from 'commander';
import { confirm } from './confirm.ts';
import type { RegisterCommand } from './context.ts';
import { parsePackageVersion } from './package-version.ts';
import { printableLine } from './printable.ts';
import { parseRepository } from './repository-argument.ts';
import { openSession, withSession } from './session.ts';

interface Options {
  readonly file?: string;
  readonly yes?: boolean;
}

export const registerDelete: RegisterCommand = (program, context) => {
  withSession(program.command('delete'))
    .description('delete a version, or one file of it')
    .argument('<repository>', 'FORMAT/NAME, e.g. pypi/tools')
    .argument('<package@version>')
    .option('--file <name>', 'only this file of the version')
    .option('--yes', 'do not ask')
    .action(async (repository: string, target: string, options: Options, command: Command) => {
      const version = { ...parsePackageVersion(target), file: options.file };
      const id = parseRepository(repository);
      const { client, print } = await openSession(context, command);
      const what = printableLine(options.file === undefined ? target : `${options.file} of ${target}`);
      await confirm(context.io, `Delete ${what} from ${repository}?`, options.yes);
      const removed = await client.remove(id, version);
      print({ removed }, () => `deleted ${what}: ${removed} ${removed === 1 ? 'file' : 'files'}`);
    });
};
