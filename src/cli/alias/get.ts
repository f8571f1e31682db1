import type { Command } from 'commander';
import { notFound } from '../../model/errors.ts';
import type { RegisterCommand } from '../context.ts';
import { openOci } from '../oci/open-oci.ts';
import { blobsOf, platformsIn, readManifest } from '../oci/read-manifest.ts';
import { printableLine } from '../printable.ts';
import { openSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { declareAliasCommand, tagArgument } from './alias-command.ts';

interface Options {
  readonly blobs?: boolean;
  readonly platform?: string;
}

export const registerAliasGet: RegisterCommand = (group, context) => {
  declareAliasCommand<Options>(group, 'get', {
    versioned: 'PACKAGE ALIAS',
    oci: 'ALIAS',
    async runVersioned(command: Command, repository, [name = '', alias = '']) {
      const { blobs, platform } = command.opts<Options>();
      if (blobs || platform !== undefined) throw new UsageError('--blobs and --platform are for registries');
      const { client, print } = await openSession(context, command);
      const found = (await client.aliases(repository, name)).find((each) => each.name === alias);
      if (found === undefined) {
        const where = `${repository.format}/${repository.name} ${name}`;
        throw notFound(`there is no alias ${alias} of ${name}`, { hint: `packyard alias list ${where}` });
      }
      print(found, () => printableLine(found.target));
    },
    async runOci(command, where, [alias], options) {
      const tag = tagArgument(alias);
      const oci = await openOci(context, command, where);
      const manifest = await readManifest(oci, tag);
      const { digest: target, mediaType, size } = manifest;
      const platforms = platformsIn(manifest.json);
      const wantsBlobs = options.blobs || options.platform !== undefined || platforms === undefined;
      const blobs = wantsBlobs ? await blobsOf(oci, manifest, options.platform) : undefined;
      oci.print({ name: tag, target, mediaType, size, platforms, blobs }, () =>
        options.blobs ? (blobs ?? []).map(({ digest }) => digest).join('\n') : target,
      );
    },
  })
    .description('print the version that an alias names; in a registry, the digest of its manifest')
    .option('--blobs', 'in a registry: the digests of its blobs instead, a line for each')
    .option('--platform <platform>', 'with --blobs, of an alias for several platforms, e.g. linux/amd64');
};
