import type { Command } from 'commander';
import { collect } from '../collect.ts';
import type { RegisterCommand } from '../context.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { describeDist } from './describe.ts';

interface Options {
  readonly origin?: string;
  readonly label?: string;
  readonly suite?: string;
  readonly codename?: string;
  readonly releaseVersion?: string;
  readonly description?: string;
  readonly validDays?: string;
  readonly notAutomatic?: boolean;
  readonly butAutomaticUpgrades?: boolean;
  readonly byHash?: boolean;
  readonly contents?: boolean;
  readonly component?: readonly string[];
  readonly architecture?: readonly string[];
  readonly unset?: readonly string[];
}

export const registerDistSet: RegisterCommand = (group, context) => {
  withSession(group.command('set'))
    .description("change a distribution's settings; it need not have packages yet")
    .argument('<repository>', 'FORMAT/NAME, e.g. apt/tools')
    .argument('<distribution>')
    .option('--origin <text>', 'Origin in its Release file; apt asks before it takes another one')
    .option('--label <text>', 'Label')
    .option('--suite <name>', 'Suite')
    .option('--codename <name>', 'Codename')
    .option('--release-version <text>', 'Version')
    .option('--description <text>', 'Description')
    .option('--valid-days <n>', 'Valid-Until: clients refuse what is older; it is signed again in time')
    .option('--not-automatic', 'NotAutomatic: nothing is installed from it unless it is asked for')
    .option('--no-not-automatic')
    .option('--but-automatic-upgrades', 'ButAutomaticUpgrades: but what was installed from it is upgraded')
    .option('--no-but-automatic-upgrades')
    .option('--by-hash', 'Acquire-By-Hash: yes, as it is without a setting')
    .option('--no-by-hash')
    .option('--contents', 'Contents indices, as it is without a setting')
    .option('--no-contents')
    .option('--component <name>', 'list this component also while it is empty; may be repeated', collect)
    .option('--architecture <name>', 'the same for an architecture', collect)
    .option('--unset <setting>', 'back to what it is without a setting, e.g. validDays; may be repeated', collect)
    .action(async (repository: string, name: string, options: Options, command: Command) => {
      const change = changeFrom(options);
      if (Object.keys(change).length === 0)
        throw new UsageError('nothing to change', 'give a setting, e.g. --origin Example');
      const { client, print } = await openSession(context, command);
      const found = await client.updateIndex(parseRepository(repository), name, change);
      print(found, () => describeDist(found));
    });
};

function changeFrom(options: Options): Readonly<Record<string, unknown>> {
  const { releaseVersion, validDays, byHash, component, architecture, unset = [] } = options;
  const { origin, label, suite, codename, description, notAutomatic, butAutomaticUpgrades, contents } = options;
  const days = validDays === undefined ? undefined : Number(validDays);
  if (Number.isNaN(days)) throw new UsageError('--valid-days is a number of days');
  const chosen = {
    ...{ origin, label, suite, codename, description, version: releaseVersion, validDays: days },
    ...{ notAutomatic, butAutomaticUpgrades, contents, acquireByHash: byHash },
    ...{ components: component, architectures: architecture },
    ...Object.fromEntries(unset.map((setting) => [setting, null])),
  };
  return Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined));
}
