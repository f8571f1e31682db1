import type { Command } from 'commander';
import { confirm } from './confirm.ts';
import type { RegisterCommand } from './context.ts';
import { count } from './count.ts';
import { parsePackageOrVersion } from './package-version.ts';
import { printableLine } from './printable.ts';
import { parseRepository } from './repository-argument.ts';
import { openSession, withSession } from './session.ts';
import { undoNote } from './undo-note.ts';
import { UsageError } from './usage-error.ts';

interface Options {
  readonly file?: string;
  readonly dist?: string;
  readonly yes?: boolean;
}

export const registerDelete: RegisterCommand = (program, context) => {
  withSession(program.command('delete'))
    .description('delete a package, a version of it, or one file of a version')
    .argument('<repository>', 'FORMAT/NAME, e.g. pypi/tools')
    .argument('<package[@version]>')
    .option('--file <name>', 'only this file of the version')
    .option('--dist <distribution>', 'of an apt repository: only from this one')
    .option('--yes', 'do not ask')
    .action(async (repository: string, target: string, options: Options, command: Command) => {
      const { package: name, version } = parsePackageOrVersion(target);
      const { file, dist } = options;
      for (const [option, value] of [
        ['--file', file],
        ['--dist', dist],
      ] as const)
        if (version === undefined && value !== undefined)
          throw new UsageError(`${option} needs a version`, `write ${target}@VERSION ${option} ${value}`);
      const id = parseRepository(repository);
      const { client, json, print } = await openSession(context, command);
      const removed = await (version === undefined ? wholePackage() : oneVersion(version));
      print(removed, () => `deleted ${describe()}: ${count(removed.removed, 'file')}`);
      if (!json) {
        const only = file === undefined ? [] : ['--file', file];
        context.io.note(undoNote(removed.undoUntil, repository, target, ...only));
      }

      function describe(): string {
        const what = file === undefined ? target : `${file} of ${target}`;
        return printableLine(dist === undefined ? what : `${what} in ${dist}`);
      }

      async function oneVersion(chosen: string) {
        await confirm(context.io, `Delete ${describe()} from ${repository}?`, options.yes);
        return client.remove(id, { package: name, version: chosen, file, index: dist });
      }

      async function wholePackage() {
        if (!options.yes) {
          const { versions, files } = await client.package(id, name);
          const all = `${count(versions.length, 'version')}, ${count(files.length, 'file')}`;
          await confirm(context.io, `Delete all of ${describe()} (${all}) from ${repository}?`, undefined);
        }
        return client.removePackage(id, name);
      }
    });
};
