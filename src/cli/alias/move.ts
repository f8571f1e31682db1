import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { openOci } from '../oci/open-oci.ts';
import { readManifest } from '../oci/read-manifest.ts';
import { printableLine } from '../printable.ts';
import { openSession } from '../session.ts';
import { declareAliasCommand, tagArgument } from './alias-command.ts';

export const registerAliasMove: RegisterCommand = (group, context) => {
  declareAliasCommand(group, 'move', {
    versioned: 'PACKAGE ALIAS TARGET',
    oci: 'ALIAS TARGET',
    async runVersioned(command: Command, repository, [name = '', alias = '', target = '']) {
      const { client, print } = await openSession(context, command);
      const present = new Map((await client.aliases(repository, name)).map((each) => [each.name, each.target]));
      const set = await client.setAlias(repository, name, { name: alias, target: present.get(target) ?? target });
      const previous = present.get(alias);
      print({ ...set, previous }, () => describe(`${name}@${set.name}`, set.target, previous));
    },
    async runOci(command, where, [alias, source = '']) {
      const tag = tagArgument(alias);
      const oci = await openOci(context, command, where);
      const { bytes, mediaType } = await readManifest(oci, source.includes(':') ? source : tagArgument(source));
      const previous = (await oci.repository.statManifest(tag))?.digest;
      // A digest other than sha256 is one of several names of the manifest, and the alias is to have this one.
      const digest = source.startsWith('sha512:') ? source : undefined;
      const { digest: target } = await oci.repository.putManifest(bytes, { tags: [tag], mediaType, digest });
      oci.print({ name: tag, target, mediaType, previous }, () => describe(`${where.text}:${tag}`, target, previous));
    },
  })
    .description('point an alias at what another alias names; in a registry, at exactly the same manifest')
    .addHelpText(
      'after',
      '\nTARGET is another alias, or a version, or in a registry the digest of a manifest. What the alias named before is printed,\n' +
        'for moving it back.',
    );
};

function describe(alias: string, target: string, previous: string | undefined): string {
  const before = previous === undefined ? 'it is new' : `it was ${previous}`;
  return printableLine(`${alias} is ${target}${previous === target ? ', as before' : `, ${before}`}`);
}
