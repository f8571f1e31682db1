import type { RegisterCommand } from '../context.ts';
import { registerBlobDelete } from './delete.ts';
import { registerBlobMount } from './mount.ts';
import { registerBlobPull } from './pull.ts';
import { registerBlobPush } from './push.ts';
import { registerBlobSize } from './size.ts';

export const registerBlob: RegisterCommand = (program, context) => {
  const group = program
    .command('blob')
    .description('keep files in a registry under their digests, and under aliases')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  packyard blob push oci/team/datalogger logger.dat @may15-readings\n' +
        '  packyard blob pull oci/team/datalogger @may15-readings -o logger.dat\n' +
        '  packyard blob size ghcr.io/team/app @1.0 --platform linux/amd64\n\n' +
        'oci/NAME is on the Packyard server; HOST/NAME at any registry, with what `docker login` has stored.',
    );
  registerBlobPush(group, context);
  registerBlobPull(group, context);
  registerBlobSize(group, context);
  registerBlobMount(group, context);
  registerBlobDelete(group, context);
};
