import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { openSession, withSession } from '../session.ts';
import { table } from '../table.ts';

export const registerRepoList: RegisterCommand = (group, context) => {
  withSession(group.command('list'))
    .description('list the repositories that you may read')
    .option('--format <format>', 'only those of this format')
    .action(async (options: { readonly format?: string }, command: Command) => {
      const { client, io, json, print } = await openSession(context, command);
      const repositories = await client.repositories(options.format);
      if (repositories.length === 0 && !json) return io.note('no repositories yet; the first upload makes one');
      print(repositories, () =>
        table(
          ['REPOSITORY', 'VISIBILITY', 'WRITE POLICY', 'REVISION'],
          repositories.map((each) => [
            `${each.format}/${each.name}`,
            each.visibility,
            each.writePolicy,
            String(each.revision),
          ]),
        ),
      );
    });
};
