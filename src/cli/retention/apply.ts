import type { Command } from 'commander';
import { formatBytes } from '../byte-size.ts';
import { confirm } from '../confirm.ts';
import type { RegisterCommand } from '../context.ts';
import { count } from '../count.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';
import { undoNote } from '../undo-note.ts';

export const registerRetentionApply: RegisterCommand = (group, context) => {
  withSession(group.command('apply'))
    .description("remove now what the repository's rules do not keep; the server does the same now and then")
    .argument('<repository>', 'FORMAT/NAME, e.g. pypi/tools')
    .option('--yes', 'do not ask')
    .action(async (repository: string, options: { readonly yes?: boolean }, command: Command) => {
      const { client, io, json, print } = await openSession(context, command);
      const id = parseRepository(repository);
      await confirm(io, `Remove what the rules of ${repository} do not keep?`, options.yes);
      const done = await client.applyRetention(id);
      print(done, () =>
        done.versions === 0
          ? 'nothing to remove'
          : `removed ${count(done.versions, 'version')}: ${count(done.files, 'file')}, ${formatBytes(done.size)}`,
      );
      if (json) return;
      for (const revision of done.revisions)
        io.note(undoNote(done.undoUntil, repository, '--revision', String(revision)));
    });
};
