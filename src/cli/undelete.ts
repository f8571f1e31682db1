import type { Command } from 'commander';
import type { DeletedFile, DeletedTarget, RemovedRepository, RepositoryId } from '../client/api-types.ts';
import type { PackyardClient } from '../client/packyard-client.ts';
import { PackyardError } from '../model/errors.ts';
import { formatBytes } from './byte-size.ts';
import type { RegisterCommand } from './context.ts';
import { count } from './count.ts';
import { formatMoment } from './format-moment.ts';
import { parsePackageOrVersion } from './package-version.ts';
import { parsePositive } from './positive-number.ts';
import { printableLine } from './printable.ts';
import { parseRepository } from './repository-argument.ts';
import { openSession, type Session, withSession } from './session.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

interface Options {
  readonly file?: string;
  readonly revision?: number;
  readonly skipTaken?: boolean;
  readonly id?: number;
  readonly list?: boolean;
}

export const registerUndelete: RegisterCommand = (program, context) => {
  withSession(program.command('undelete'))
    .description('bring back what was deleted: a package, a version, a file, or a whole repository')
    .argument('[repository]', 'FORMAT/NAME, e.g. pypi/tools; alone, the removed repository of this name')
    .argument('[package[@version]]')
    .option('--file <name>', 'only this file')
    .option('--revision <number>', 'only what this revision removed', parsePositive)
    .option('--skip-taken', 'leave out files in whose place there are others now')
    .option('--id <number>', 'which of several removed repositories of this name', parsePositive)
    .option('--list', 'show what can be brought back')
    .addHelpText('after', EXAMPLES)
    .action(async (repository: string | undefined, target: string | undefined, options: Options, command: Command) => {
      if (repository === undefined && !options.list)
        throw new UsageError('no repository', 'packyard undelete --list shows those that were removed');
      const wanted = readTarget(target, options);
      const id = repository === undefined ? undefined : parseRepository(repository);
      const session = await openSession(context, command);
      if (options.list) return list(session, id, wanted);
      if (id === undefined) return;
      if (wanted.package === undefined && wanted.revision === undefined)
        return undeleteRepository(session, id, options.id);
      const back = await session.client.undelete(id, { ...wanted, skipTaken: options.skipTaken });
      session.print(back, () => `brought back ${count(back.restored, 'file')} in revision ${back.revision}`);
    });
};

const EXAMPLES = `
Examples:
  packyard undelete --list pypi/tools        what can be brought back, by whom it was deleted, until when
  packyard undelete pypi/tools tool@1.2.0    a version
  packyard undelete pypi/tools --revision 57 all that one change removed
  packyard undelete pypi/tools               the repository itself`;

function readTarget(target: string | undefined, { file, revision }: Options): DeletedTarget {
  if (target === undefined && file !== undefined)
    throw new UsageError('--file needs a package', 'write PACKAGE or PACKAGE@VERSION before it');
  return { ...(target !== undefined && parsePackageOrVersion(target)), file, revision };
}

async function undeleteRepository(
  { client, print }: Session,
  id: RepositoryId,
  number: number | undefined,
): Promise<void> {
  const name = `${id.format}/${id.name}`;
  const removed = await client.removedRepositories(id);
  const found = number === undefined ? removed[0] : removed.find((each) => each.id === number);
  if (!found)
    throw new PackyardError('not_found', `there is no removed repository ${name} that you may bring back`, {
      hint: `packyard undelete --list ${name} shows what can be brought back`,
    });
  const back = await client.undeleteRepository(found.id);
  print(back, () => `brought back ${name} with ${count(back.files, 'file')}`);
}

async function list(session: Session, id: RepositoryId | undefined, target: DeletedTarget): Promise<void> {
  const { client, io, json, print } = session;
  const repositories = target.package === undefined ? await client.removedRepositories(id) : [];
  const files = id === undefined ? [] : await deletedFiles(client, id, target, repositories.length > 0);
  if (repositories.length + files.length === 0 && !json) return io.note('nothing can be brought back');
  print({ repositories, files }, () =>
    [
      ...(repositories.length > 0 ? [repositoryTable(repositories)] : []),
      ...(files.length > 0 ? [versionTable(files)] : []),
    ].join('\n\n'),
  );
}

/** @param mayBeGone whether it is no error when there is no such repository now */
async function deletedFiles(
  client: PackyardClient,
  id: RepositoryId,
  target: DeletedTarget,
  mayBeGone: boolean,
): Promise<readonly DeletedFile[]> {
  const files: DeletedFile[] = [];
  let before: string | undefined;
  try {
    do {
      const page = await client.deleted(id, target, { before, limit: 1000 });
      files.push(...page.items);
      before = page.next;
    } while (before !== undefined);
  } catch (error) {
    if (!(mayBeGone && error instanceof Error && 'code' in error && error.code === 'not_found')) throw error;
  }
  return files;
}

function repositoryTable(repositories: readonly RemovedRepository[]): string {
  return table(
    ['REPOSITORY', 'ID', 'FILES', 'REMOVED', 'BY', 'UNTIL'],
    repositories.map((each) => [
      `${each.format}/${each.name}`,
      String(each.id),
      String(each.files),
      formatMoment(each.removedAt),
      each.removedBy,
      formatMoment(each.until),
    ]),
  );
}

/** Versions, with the files of each that went in the same change; in the order in which they came. */
function versionTable(files: readonly DeletedFile[]): string {
  const versions = Map.groupBy(files, (file) => JSON.stringify([file.revision, file.package, file.version]));
  return table(
    ['VERSION', 'FILES', 'SIZE', 'REVISION', 'DELETED', 'BY', 'UNTIL', 'WHY'],
    [...versions.values()].flatMap((its) => {
      const [file] = its;
      if (!file) return [];
      return [
        [
          `${file.package}@${file.version}`,
          its.length === 1 ? printableLine(file.name) : String(its.length),
          formatBytes(its.reduce((sum, { size }) => sum + size, 0)),
          String(file.revision),
          formatMoment(file.removedAt),
          file.removedBy,
          formatMoment(file.until),
          file.reason,
        ],
      ];
    }),
  );
}
