import { type Command, Option } from 'commander';
import type { RepositorySettings, Visibility, WritePolicy } from '../../client/api-types.ts';

export interface SettingsOptions {
  readonly visibility?: Visibility;
  readonly writePolicy?: WritePolicy;
}

/** The settings of a repository as options, for `create` and `update`. */
export function withSettings(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--visibility <who>',
        "who may read: as the server's anonymous mode says, everybody, or tokens only",
      ).choices(['default', 'public', 'private']),
    )
    .addOption(
      new Option('--write-policy <policy>', 'whether a published file can be replaced').choices([
        'immutable',
        'overwrite',
      ]),
    );
}

/** Only what was given: the rest stays as it is. */
export function settingsFrom(options: SettingsOptions): Partial<RepositorySettings> {
  return {
    ...(options.visibility !== undefined && { visibility: options.visibility }),
    ...(options.writePolicy !== undefined && { writePolicy: options.writePolicy }),
  };
}
