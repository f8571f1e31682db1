import type { Command } from 'commander';
import type { ExpiredVersion, RepositoryId } from '../../client/api-types.ts';
import type { PackyardClient } from '../../client/packyard-client.ts';
import { formatBytes } from '../byte-size.ts';
import type { RegisterCommand } from '../context.ts';
import { count } from '../count.ts';
import { formatMoment } from '../format-moment.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';
import { table } from '../table.ts';

export const registerRetentionPreview: RegisterCommand = (group, context) => {
  withSession(group.command('preview'))
    .description('show what would be removed now, and change nothing')
    .argument('<repository>', 'FORMAT/NAME, e.g. pypi/tools')
    .action(async (repository: string, _options: unknown, command: Command) => {
      const { client, io, json, print } = await openSession(context, command);
      const id = parseRepository(repository);
      const { retention } = await client.repository(id);
      const versions = await allExpired(client, id);
      if (versions.length === 0 && !json) {
        const hasRules = retention.keepVersions !== null || retention.keepDays !== null;
        return io.note(
          hasRules
            ? `nothing to remove: the rules of ${repository} keep everything that is there`
            : `${repository} has no rules and keeps everything; packyard repo update ${repository} --keep-versions 10 makes one`,
        );
      }
      print(versions, () =>
        table(
          ['VERSION', 'FILES', 'SIZE', 'PUBLISHED', 'WHY'],
          versions.map((version) => [
            `${version.package}@${version.version}`,
            String(version.files),
            formatBytes(version.size),
            formatMoment(version.publishedAt),
            version.reason,
          ]),
        ),
      );
      if (json) return;
      const size = formatBytes(versions.reduce((sum, version) => sum + version.size, 0));
      io.note(`${count(versions.length, 'version')}, ${size}; packyard retention apply ${repository} removes them`);
    });
};

async function allExpired(client: PackyardClient, id: RepositoryId): Promise<readonly ExpiredVersion[]> {
  const versions: ExpiredVersion[] = [];
  let after: string | undefined;
  do {
    const page = await client.retentionPreview(id, { after, limit: 1000 });
    versions.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return versions;
}
