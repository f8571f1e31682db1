import type { Command } from 'commander';
import type { SigningKeyRecord } from '../../client/api-types.ts';
import type { RegisterCommand } from '../context.ts';
import { formatMoment } from '../format-moment.ts';
import { parseRepository } from '../repository-argument.ts';
import { openSession, withSession } from '../session.ts';
import { table } from '../table.ts';

export const registerKeyShow: RegisterCommand = (group, context) => {
  withSession(group.command('show'))
    .description('print the public keys that sign; on standard error, a table of all keys')
    .argument('<repository>', 'FORMAT/NAME, e.g. apt/tools')
    .action(async (repository: string, _options: unknown, command: Command) => {
      const { client, io, json, print } = await openSession(context, command);
      const keys = await client.signingKeys(parseRepository(repository));
      if (!json) io.note(describe(keys));
      print(keys, () =>
        keys
          .filter((key) => key.retiredAt === undefined)
          .map((key) => key.publicKey.trim())
          .join('\n'),
      );
    });
};

function describe(keys: readonly SigningKeyRecord[]): string {
  return table(
    ['FINGERPRINT', 'MADE', 'BY', 'SIGNS'],
    keys.map(({ fingerprint, createdAt, createdBy, retiredAt }) => [
      fingerprint,
      formatMoment(createdAt),
      createdBy,
      retiredAt === undefined ? 'yes' : `until ${formatMoment(retiredAt)}`,
    ]),
  );
}
