import type { RegisterCommand } from '../context.ts';
import { registerAliasDelete } from './delete.ts';
import { registerAliasGet } from './get.ts';
import { registerAliasList } from './list.ts';
import { registerAliasMove } from './move.ts';
import { registerAliasSet } from './set.ts';

export const registerAlias: RegisterCommand = (program, context) => {
  const group = program
    .command('alias')
    .description('name versions, e.g. stable; in a registry, manifests and sets of blobs')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  packyard alias set generic/firmware router@1.2.0 stable\n' +
        '  packyard alias get generic/firmware router stable\n' +
        '  packyard alias set oci/team/data may sha256:… ./readings.csv\n' +
        '  packyard alias move oci/team/app stable 1.4.2\n\n' +
        'oci/NAME is on the Packyard server; HOST/NAME at any registry, with what `docker login` has stored.',
    );
  registerAliasSet(group, context);
  registerAliasGet(group, context);
  registerAliasList(group, context);
  registerAliasMove(group, context);
  registerAliasDelete(group, context);
};
