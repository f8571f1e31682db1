import type { Command } from 'commander';
import { readDigest } from '../../client/oci/digest.ts';
import type { RegisterCommand } from '../context.ts';
import { type OciSession, openOci } from '../oci/open-oci.ts';
import { pushFile } from '../oci/push-file.ts';
import { putAlias } from '../oci/put-alias.ts';
import type { ManifestBlob } from '../oci/read-manifest.ts';
import { sizeOfBlob } from '../oci/size-of-blob.ts';
import { parsePackageVersion } from '../package-version.ts';
import { printableLine } from '../printable.ts';
import { openSession } from '../session.ts';
import { declareAliasCommand, tagArgument } from './alias-command.ts';

export const registerAliasSet: RegisterCommand = (group, context) => {
  declareAliasCommand(group, 'set', {
    versioned: 'PACKAGE@VERSION ALIAS',
    oci: 'ALIAS DIGEST|FILE...',
    async runVersioned(command: Command, repository, [target = '', alias = '']) {
      const { package: name, version } = parsePackageVersion(target);
      const { client, print } = await openSession(context, command);
      const set = await client.setAlias(repository, name, { name: alias, target: version });
      print(set, () => printableLine(`${name}@${set.name} is ${set.target}`));
    },
    async runOci(command, where, [alias, ...sources]) {
      const tag = tagArgument(alias);
      const oci = await openOci(context, command, where);
      const blobs: ManifestBlob[] = [];
      for (const source of sources) blobs.push(await blobOf(oci, source));
      const { digest: target, mediaType } = await putAlias(oci.repository, tag, blobs);
      oci.print({ name: tag, target, mediaType, blobs }, () => `${where.text}:${tag} is ${target}`);
    },
  })
    .description('point an alias at a version, new or again; in a registry, at blobs')
    .addHelpText('after', '\nIn a registry, a file is uploaded unless it is there, and a digest has to be there.');
};

async function blobOf(oci: OciSession, source: string): Promise<ManifestBlob> {
  if (readDigest(source) !== undefined) return { digest: source, size: await sizeOfBlob(oci, source) };
  const { digest, size } = await pushFile(oci, source);
  return { digest, size };
}
