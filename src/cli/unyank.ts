import type { Command } from 'commander';
import type { RegisterCommand } from './context.ts';
import { parsePackageVersion } from './package-version.ts';
import { printableLine } from './printable.ts';
import { parseRepository } from './repository-argument.ts';
import { openSession, withSession } from './session.ts';

export const registerUnyank: RegisterCommand = (program, context) => {
  withSession(program.command('unyank'))
    .description('take a yank back')
    .argument('<repository>', 'FORMAT/NAME, e.g. pypi/tools')
    .argument('<package@version>')
    .option('--file <name>', 'only this file of the version')
    .action(async (repository: string, target: string, options: { readonly file?: string }, command: Command) => {
      const version = { ...parsePackageVersion(target), file: options.file };
      const { client, print } = await openSession(context, command);
      const changed = await client.unyank(parseRepository(repository), version);
      print({ changed }, () => printableLine(`unyanked ${target}: ${changed} ${changed === 1 ? 'file' : 'files'}`));
    });
};
