import type { Command } from 'commander';
import type { RegisterCommand } from './context.ts';
import { parsePackageVersion } from './package-version.ts';
import { printableLine } from './printable.ts';
import { parseRepository } from './repository-argument.ts';
import { openSession, withSession } from './session.ts';

interface Options {
  readonly reason?: string;
  readonly file?: string;
}

export const registerYank: RegisterCommand = (program, context) => {
  withSession(program.command('yank'))
    .description('withdraw a version: pinned installs still find it, nothing else chooses it')
    .argument('<repository>', 'FORMAT/NAME, e.g. pypi/tools')
    .argument('<package@version>')
    .option('--reason <text>', 'why; installers show it')
    .option('--file <name>', 'only this file of the version')
    .action(async (repository: string, target: string, options: Options, command: Command) => {
      const version = { ...parsePackageVersion(target), file: options.file };
      const { client, print } = await openSession(context, command);
      const changed = await client.yank(parseRepository(repository), version, options.reason);
      print({ changed }, () => printableLine(`yanked ${target}: ${changed} ${changed === 1 ? 'file' : 'files'}`));
    });
};
