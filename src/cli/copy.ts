import type { Command } from 'commander';
import type { CopyResult } from '../client/api-types.ts';
import { collect } from './collect.ts';
import type { RegisterCommand } from './context.ts';
import { count } from './count.ts';
import { parsePackageOrVersion } from './package-version.ts';
import { printableLine } from './printable.ts';
import { parseRepository } from './repository-argument.ts';
import { openSession, withSession } from './session.ts';

interface Options {
  readonly from: string;
  readonly to: readonly string[];
  readonly component?: string;
  readonly file?: string;
}

export const registerCopy: RegisterCommand = (program, context) => {
  withSession(program.command('copy'))
    .description('publish what is in one distribution in others as well')
    .argument('<repository>', 'FORMAT/NAME, e.g. apt/tools')
    .argument('<package[@version]>', 'without a version, the newest one')
    .requiredOption('--from <distribution>')
    .requiredOption('--to <distribution>', 'may be repeated', collect)
    .option('--component <name>', 'into another component')
    .option('--file <name>', 'only this file of the version')
    .action(async (repository: string, target: string, options: Options, command: Command) => {
      const { client, print } = await openSession(context, command);
      const id = parseRepository(repository);
      const { package: name, version } = parsePackageOrVersion(target);
      const { from, component, file } = options;
      const results: (CopyResult & { readonly to: string })[] = [];
      for (const to of options.to) {
        const result = await client.copyToIndex(id, to, { package: name, version, file, from, component });
        results.push({ to, ...result });
      }
      print(results, () => results.map((result) => describe(name, from, result)).join('\n'));
    });
};

function describe(name: string, from: string, { to, version, copied, unchanged }: CopyResult & { to: string }): string {
  const there = unchanged > 0 ? `, ${count(unchanged, 'file')} there already` : '';
  return printableLine(`copied ${name} ${version} from ${from} to ${to}: ${count(copied, 'file')}${there}`);
}
