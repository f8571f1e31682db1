import { type Command, Option } from 'commander';
import type {
  DownloadMode,
  IncompleteImages,
  RepositoryChange,
  Visibility,
  WritePolicy,
} from '../../client/api-types.ts';
import { parsePositiveOrNone } from '../positive-number.ts';

export interface SettingsOptions {
  readonly visibility?: Visibility;
  readonly writePolicy?: WritePolicy;
  readonly downloads?: DownloadMode;
  readonly immutableTags?: readonly string[];
  readonly incompleteImages?: IncompleteImages;
  readonly keepEmpty?: boolean;
  readonly keepVersions?: number | 'none';
  readonly keepDays?: number | 'none';
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
    )
    .addOption(
      new Option(
        '--downloads <how>',
        "whether downloads are sent to the object store: as the server's settings say, never, or always",
      ).choices(['default', 'proxy', 'redirect']),
    )
    .option(
      '--immutable-tags <glob...>',
      "tags that are set once and then stay, e.g. 'v*'; none: every tag can be moved",
    )
    .addOption(
      new Option(
        '--incomplete-images <policy>',
        'whether a manifest may name blobs and manifests that are not there',
      ).choices(['accept', 'refuse']),
    )
    .option(
      '--keep-versions <n>',
      'retention: keep the newest n versions of each package; none: no such rule',
      parsePositiveOrNone,
    )
    .option(
      '--keep-days <n>',
      'retention: keep what was published in the last n days; none: no such rule',
      parsePositiveOrNone,
    )
    .option('--keep-empty', 'let it stay in view when nothing is in it; any other setting does that too')
    .option('--no-keep-empty', 'let it go out of view with the last file');
}

/** Only what was given: the rest stays as it is. */
export function settingsFrom(options: SettingsOptions): RepositoryChange {
  const { visibility, writePolicy, downloads, immutableTags, incompleteImages, keepEmpty, keepVersions, keepDays } =
    options;
  const rules = {
    ...(keepVersions !== undefined && { keepVersions: keepVersions === 'none' ? null : keepVersions }),
    ...(keepDays !== undefined && { keepDays: keepDays === 'none' ? null : keepDays }),
  };
  return {
    ...(visibility !== undefined && { visibility }),
    ...(writePolicy !== undefined && { writePolicy }),
    ...(downloads !== undefined && { downloads }),
    ...(immutableTags !== undefined && { immutableTags: immutableTags.filter((glob) => glob !== 'none') }),
    ...(incompleteImages !== undefined && { incompleteImages }),
    ...(keepEmpty !== undefined && { keepEmpty }),
    ...(Object.keys(rules).length > 0 && { retention: rules }),
  };
}
