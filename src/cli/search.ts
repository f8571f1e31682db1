import { type Command, InvalidArgumentError } from 'commander';
import type { RegisterCommand } from './context.ts';
import { openSession, withSession } from './session.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

interface Options {
  readonly format?: string;
  readonly limit?: number;
}

export const registerSearch: RegisterCommand = (program, context) => {
  withSession(program.command('search'))
    .description('find packages by a part of their names')
    .argument('<text>', 'case, dashes, dots and underscores do not matter')
    .option('--format <format>', 'only packages of this format')
    .option('--limit <number>', 'the most packages to show, up to 1000 (default: 100)', wholeNumber)
    .action(async (text: string, options: Options, command: Command) => {
      if (text.trim() === '') throw new UsageError('there is nothing to search for', 'packyard search requests');
      const { client, io, json, print } = await openSession(context, command);
      const found = await client.search(text, options);
      if (found.items.length === 0 && !json) return io.note('no package that you may read has a name like this');
      print(found.items, () =>
        table(
          ['REPOSITORY', 'PACKAGE', 'STATUS'],
          found.items.map((each) => [each.repository, each.name, each.status]),
        ),
      );
      if (found.more) io.note('there are more: give more of the name, or raise --limit');
    });
};

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 1000)
    throw new InvalidArgumentError('It must be a number from 1 to 1000.');
  return number;
}
