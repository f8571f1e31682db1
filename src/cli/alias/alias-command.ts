import type { Command } from 'commander';
import type { RepositoryId } from '../../client/api-types.ts';
import { checkTag } from '../../client/oci/names.ts';
import { type OciArgument, readOciArgument } from '../oci/oci-argument.ts';
import { parseRepository } from '../repository-argument.ts';
import { withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

/** A command on aliases in its two forms: with a package in a repository of ours, and in a repository of a registry. */
export interface AliasForms<Options> {
  /** What follows the repository, for people; the number of words is what is asked for, `...` is one or more. */
  readonly versioned: string;
  readonly oci: string;
  readonly runVersioned: (command: Command, repository: RepositoryId, names: readonly string[]) => Promise<void>;
  readonly runOci: (command: Command, where: OciArgument, names: readonly string[], options: Options) => Promise<void>;
}

/** Declares a command that takes both forms and tells them apart by the repository. */
export function declareAliasCommand<Options>(group: Command, name: string, forms: AliasForms<Options>): Command {
  const command = withSession(group.command(name))
    .argument('<repository>', 'FORMAT/NAME, e.g. generic/firmware; oci/NAME; or HOST/NAME at any registry')
    .argument('[names...]')
    .usage(
      `[options] FORMAT/NAME ${forms.versioned}\n       packyard alias ${name} [options] oci/NAME|HOST/NAME ${forms.oci}`,
    );
  return command.action(async (repository: string, names: readonly string[], options: Options) => {
    const where = readOciArgument(repository);
    const wanted = where === undefined ? forms.versioned : forms.oci;
    const count = wanted === '' ? 0 : wanted.split(' ').length;
    if (names.length < count || (names.length > count && !wanted.endsWith('...'))) {
      const what = names.length < count ? 'missing' : 'too many';
      // In a registry, the package is a part of the repository's name.
      const isPackage = where !== undefined && names.length > count && names[0]?.startsWith(`${where.name}/`);
      const right = isPackage ? `oci/${names[0]}` : repository;
      throw new UsageError(`${what} arguments for ${repository}`, `packyard alias ${name} ${right} ${wanted}`.trim());
    }
    if (where === undefined) await forms.runVersioned(command, parseRepository(repository), names);
    else await forms.runOci(command, where, names, options);
  });
}

/** An alias in a registry; `@stable`, as `packyard blob` has it, is `stable`. @throws RegistryError `invalid_request` */
export function tagArgument(text = ''): string {
  return checkTag(text.replace(/^@/, ''));
}
