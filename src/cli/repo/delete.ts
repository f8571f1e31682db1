import type { Command } from 'commander';
import { confirm } from '../confirm.ts';
import type { RegisterCommand } from '../context.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';
import { undoNote } from '../undo-note.ts';

export const registerRepoDelete: RegisterCommand = (group, context) => {
  withSession(group.command('delete'))
    .description('delete a repository with everything in it')
    .argument('<repository>', 'FORMAT/NAME, e.g. pypi/tools')
    .option('--yes', 'do not ask')
    .action(async (repository: string, options: { readonly yes?: boolean }, command: Command) => {
      const { client, json, print } = await openSession(context, command);
      const id = parseRepository(repository);
      await confirm(context.io, `Delete ${repository} and every package in it?`, options.yes);
      await client.removeRepository(id);
      const [removed] = await client.removedRepositories(id);
      print({ deleted: repository, undoUntil: removed?.until }, () => `deleted ${repository}`);
      if (removed && !json) context.io.note(undoNote(removed.until, repository));
    });
};
