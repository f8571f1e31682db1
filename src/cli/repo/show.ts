import type { Command } from 'commander';
import type { PackageSummary } from '../../client/api-types.ts';
import type { PackyardClient } from '../../client/packyard-client.ts';
import type { RegisterCommand } from '../context.ts';
import { printableLine } from '../printable.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';
import { describeRepository } from './describe.ts';

export const registerRepoShow: RegisterCommand = (group, context) => {
  withSession(group.command('show'))
    .description("show a repository's settings and packages")
    .argument('<repository>', 'FORMAT/NAME, e.g. pypi/tools')
    .action(async (repository: string, _options: unknown, command: Command) => {
      const { client, print } = await openSession(context, command);
      const id = parseRepository(repository);
      const record = await client.repository(id);
      const packages = await allPackages(client, id);
      print({ ...record, packages }, () =>
        [
          describeRepository(record, client.url),
          `packages      ${packages.length}`,
          ...packages.map(({ displayName, status }) =>
            printableLine(`  ${displayName}${status === 'active' ? '' : ` (${status})`}`),
          ),
        ].join('\n'),
      );
    });
};

async function allPackages(
  client: PackyardClient,
  id: ReturnType<typeof parseRepository>,
): Promise<readonly PackageSummary[]> {
  const packages: PackageSummary[] = [];
  let after: string | undefined;
  do {
    const page = await client.packages(id, { after, limit: 1000 });
    packages.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return packages;
}
