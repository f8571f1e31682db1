import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { notFound } from '../../model/errors.ts';
import type { RegisterCommand } from '../context.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';
import { describeAdded } from './describe-added.ts';

interface Options {
  readonly passphraseFile?: string;
  readonly retireOthers?: boolean;
}

export const registerKeyImport: RegisterCommand = (group, context) => {
  withSession(group.command('import'))
    .description('sign with a key of your own from now on, beside the present ones')
    .argument('<repository>', 'FORMAT/NAME, e.g. apt/tools')
    .argument('<file>', 'an armored secret key, as gpg --armor --export-secret-keys writes it; - is standard input')
    .option('--passphrase-file <file>', 'where the passphrase of the key is, if it has one')
    .option('--retire-others', 'let the present keys sign no longer')
    .action(async (repository: string, file: string, options: Options, command: Command) => {
      const { client, io, print } = await openSession(context, command);
      const key = file === '-' ? await io.readInput() : readText(file);
      const passphrase =
        options.passphraseFile === undefined ? undefined : readText(options.passphraseFile).replace(/\r?\n$/, '');
      const id = parseRepository(repository);
      const added = await client.addSigningKey(id, { key, passphrase, retireOthers: options.retireOthers });
      print(added, () => describeAdded(added, repository, options.retireOthers));
    });
};

/** @throws PackyardError `not_found` */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw notFound(`${path} cannot be read`, { cause });
  }
}
