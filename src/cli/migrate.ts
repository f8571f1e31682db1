import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { MigrationReport } from '../registry/transfer/migrate-instance.ts';
import { formatBytes } from './byte-size.ts';
import type { RegisterCommand } from './context.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import { noteDamage } from './note-damage.ts';
import { type ServerOptions, serverFlags, withServerOptions } from './server-options.ts';
import { print } from './session.ts';
import { Steps } from './steps.ts';
import { UsageError } from './usage-error.ts';
import { PLACE_SETTINGS } from './with-places.ts';

interface Options {
  readonly toDatabase?: string;
  readonly toStorage?: string;
  readonly toConfig?: string;
  readonly verify?: boolean;
}

export const registerMigrate: RegisterCommand = (program, context) => {
  const { io } = context;
  withServerOptions(program.command('migrate'), PLACE_SETTINGS)
    .description('copy everything into another database and another storage; servers may run meanwhile')
    .option('--to-database <url>', 'the new database, empty or filled by an earlier run')
    .option('--to-storage <url>', 'the new storage; without it the bytes stay where they are')
    .option('--to-config <file>', 'a configuration file that names both, instead of addresses with passwords')
    .option('--verify', 'digest all bytes once more where they are then')
    .option('--json', 'print the data as JSON')
    .addHelpText('after', HELP)
    .action(async (options: ServerOptions & Options, command: Command) => {
      const json = command.optsWithGlobals<{ readonly json?: boolean }>().json === true;
      const { config } = await loadConfig({ flags: serverFlags(options) });
      const target = await targetConfig(config, options);
      const { openBarePlaces } = await import('../server/open-bare-places.ts');
      const { migrateInstance } = await import('../registry/transfer/migrate-instance.ts');
      const steps = new Steps(io);
      const from = await openBarePlaces(config);
      try {
        const to = await openBarePlaces(target, { evenIncomplete: true });
        try {
          const report = await migrateInstance(from, to, { verify: options.verify, observer: steps });
          print(io, json, report, () => describe(report, to.database.description, to.store.description));
          notes(io, report);
          if (report.damage.count > 0) context.exitCode = EXIT.verificationFailed;
        } finally {
          await to.close();
        }
      } finally {
        steps.close();
        await from.close();
      }
    });
};

const HELP = `
The old places are not changed. Broken off, the same command goes on. To change over:
  1. run it while the server serves: this takes as long as it takes
  2. stop the server and run it again: only what has changed is copied
  3. start the server with the new database and storage`;

/** Where everything goes: the old settings with other places. */
async function targetConfig(
  config: Config,
  { toDatabase, toStorage, toConfig }: Options,
): Promise<Pick<Config, 'data' | 'database' | 'storage'>> {
  if (toConfig !== undefined) {
    if (toDatabase !== undefined || toStorage !== undefined)
      throw new UsageError('--to-config names both places already', 'leave --to-database and --to-storage out');
    return (await loadConfig({ flags: { config: toConfig }, env: {} })).config;
  }
  if (toDatabase === undefined) {
    throw new UsageError(
      'where to? --to-database is missing',
      'packyard migrate --to-database postgres://USER:PASSWORD@HOST/DATABASE --to-storage s3://BUCKET',
    );
  }
  const flags = { data: config.data, database: toDatabase, ...(toStorage === undefined ? {} : { storage: toStorage }) };
  const { database, storage } = (await loadConfig({ flags, env: {} })).config;
  return { data: config.data, database, storage: toStorage === undefined ? config.storage : storage };
}

function describe({ rows, blobs }: MigrationReport, database: string, store: string): string {
  const { repositories = 0, memberships = 0 } = rows;
  return [
    `copied to ${database} and ${store}, and checked there`,
    `${repositories} repositories, ${memberships} files with their history, ${blobs.count} different ones`,
    `${blobs.copied} of them (${formatBytes(blobs.copiedBytes)}) were new there`,
  ].join('\n');
}

function notes(io: Io, { damage, changesSince }: MigrationReport): void {
  noteDamage(io, damage, 'publish those files again, or restore them from a backup');
  if (changesSince > 0) {
    io.note(`${changesSince} changes were made in the old database since its rows were copied`);
    io.note('try: stop the server, then run the same command again: it brings only what is new');
  } else {
    io.note('nothing was changed meanwhile; before the new server starts, make sure that the old one is stopped');
  }
}
