import { PackyardError } from '../model/errors.ts';
import { matchesGlob } from '../model/glob.ts';

/** @throws PackyardError `conflict` where the repository keeps such an alias as it is. @param globs its setting `immutableTags` */
export function refuseImmutable(globs: readonly string[], name: string, packageName: string): void {
  const glob = globs.find((each) => matchesGlob(each, name));
  if (glob === undefined) return;
  throw new PackyardError(
    'conflict',
    `${packageName}:${name} is there already, and such tags stay as they are (${glob})`,
    {
      hint: 'push under another tag, or have an administrator change it: packyard repo update --immutable-tags',
      details: { immutable: name },
    },
  );
}
