import type { Command } from 'commander';
import { notFound } from '../../model/errors.ts';
import type { RegisterCommand } from '../context.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export const registerKeyExport: RegisterCommand = (group, context) => {
  withSession(group.command('export'))
    .description('print a key with its secret, armored and without a passphrase')
    .argument('<repository>', 'FORMAT/NAME, e.g. apt/tools')
    .argument('[fingerprint]', 'which key; else the newest one that signs')
    .option('--force', 'also to a terminal')
    .action(
      async (
        repository: string,
        fingerprint: string | undefined,
        options: { readonly force?: boolean },
        command: Command,
      ) => {
        if (process.stdout.isTTY && !options.force)
          throw new UsageError(
            'a secret key is not for the screen',
            'write it into a file: > key.asc, or give --force',
          );
        const { client, print } = await openSession(context, command);
        const id = parseRepository(repository);
        const newest = (await client.signingKeys(id)).findLast((key) => key.retiredAt === undefined)?.fingerprint;
        const chosen = fingerprint ?? newest;
        if (chosen === undefined) throw notFound(`${repository} has no key that signs`);
        const privateKey = await client.exportSigningKey(id, chosen);
        print({ fingerprint: chosen, privateKey }, () => privateKey.trim());
      },
    );
};
