import type { Command } from 'commander';
import { RegistryError } from '../../client/oci/registry-error.ts';
import { PackyardError } from '../../model/errors.ts';
import type { RegisterCommand } from '../context.ts';
import { type OciSession, openOci } from '../oci/open-oci.ts';
import { readManifest } from '../oci/read-manifest.ts';
import { printableLine } from '../printable.ts';
import { openSession } from '../session.ts';
import { declareAliasCommand, tagArgument } from './alias-command.ts';

interface Options {
  readonly manifest?: boolean;
}

export const registerAliasDelete: RegisterCommand = (group, context) => {
  declareAliasCommand<Options>(group, 'delete', {
    versioned: 'PACKAGE ALIAS',
    oci: 'ALIAS',
    async runVersioned(command: Command, repository, [name = '', alias = '']) {
      const { client, print } = await openSession(context, command);
      await client.removeAlias(repository, name, alias);
      print({ deleted: alias }, () => printableLine(`deleted alias ${alias} of ${name}`));
    },
    async runOci(command, where, [alias], options) {
      const tag = tagArgument(alias);
      const oci = await openOci(context, command, where);
      const { digest } = await readManifest(oci, tag);
      await (options.manifest ? oci.repository.deleteManifest(digest) : deleteTag(oci, tag));
      const what = options.manifest ? `, its manifest ${digest} and every other alias of it` : `; it was ${digest}`;
      const manifest = options.manifest ? digest : undefined;
      oci.print({ deleted: tag, target: digest, manifest }, () => `deleted alias ${tag} of ${where.text}${what}`);
    },
  })
    .description('delete an alias; the version, or the manifest, stays')
    .option('--manifest', 'in a registry: the manifest too, and so every alias of it');
};

/** Old registries know aliases only as names of manifests, which go as a whole. */
async function deleteTag({ repository, text }: OciSession, tag: string): Promise<void> {
  try {
    await repository.deleteTag(tag);
  } catch (cause) {
    const isUnable = cause instanceof RegistryError && (cause.status === 400 || cause.status === 405);
    if (!isUnable) throw cause;
    throw new PackyardError('method_not_allowed', 'this registry cannot delete an alias by itself', {
      hint: `packyard alias delete ${text} ${tag} --manifest deletes the manifest, and so every alias of it`,
      cause,
    });
  }
}
