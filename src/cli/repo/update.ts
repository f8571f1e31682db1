import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { describeRepository } from './describe.ts';
import { type SettingsOptions, settingsFrom, withSettings } from './settings-options.ts';

export const registerRepoUpdate: RegisterCommand = (group, context) => {
  withSession(withSettings(group.command('update')))
    .description("change a repository's settings")
    .argument('<repository>', 'FORMAT/NAME, e.g. pypi/tools')
    .action(async (repository: string, options: SettingsOptions, command: Command) => {
      const settings = settingsFrom(options);
      if (Object.keys(settings).length === 0)
        throw new UsageError('nothing to change', 'give a setting, e.g. --visibility private or --keep-versions 10');
      const { client, print } = await openSession(context, command);
      const updated = await client.updateRepository(parseRepository(repository), settings);
      print(updated, () => describeRepository(updated, client.url));
    });
};
