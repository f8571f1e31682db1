import type { Command } from 'commander';
import type { RegisterCommand } from '../context.ts';
import { openOci } from '../oci/open-oci.ts';
import { printableLine } from '../printable.ts';
import { openSession } from '../session.ts';
import { table } from '../table.ts';
import { declareAliasCommand } from './alias-command.ts';

export const registerAliasList: RegisterCommand = (group, context) => {
  declareAliasCommand(group, 'list', {
    versioned: 'PACKAGE',
    oci: '',
    async runVersioned(command: Command, repository, [name = '']) {
      const { client, io, json, print } = await openSession(context, command);
      const aliases = await client.aliases(repository, name);
      if (aliases.length === 0 && !json) return io.note('no aliases');
      print(aliases, () =>
        table(
          ['ALIAS', 'VERSION'],
          aliases.map((alias) => [alias.name, alias.target]),
        ),
      );
    },
    async runOci(command, where) {
      const { repository, io, json, print } = await openOci(context, command, where);
      const names: string[] = [];
      for await (const name of repository.tags()) {
        names.push(name);
        // There may be very many: each page is shown as it comes.
        if (!json) io.data(printableLine(name));
      }
      const aliases = names.map((name) => ({ name }));
      if (json) print(aliases, () => '');
      else if (names.length === 0) io.note('no aliases');
    },
  }).description("list a package's aliases with their versions; in a registry, the names alone");
};
