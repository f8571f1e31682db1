import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';
import { describeRepository } from './describe.ts';
import { type SettingsOptions, settingsFrom, withSettings } from './settings-options.ts';

export const registerRepoCreate: RegisterCommand = (group, context) => {
  withSession(withSettings(group.command('create')))
    .description('create a repository')
    .argument('<repository>', 'FORMAT/NAME, e.g. pypi/tools')
    .action(async (repository: string, options: SettingsOptions, command: Command) => {
      const { client, print } = await openSession(context, command);
      const created = await client.createRepository(parseRepository(repository), settingsFrom(options));
      print(created, () => describeRepository(created, client.url));
    });
};
