import type { Command } from 'commander';
import { loadConfig } from '../config/load-config.ts';
import { formatBytes } from './byte-size.ts';
import type { RegisterCommand } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { noteDamage } from './note-damage.ts';
import { type ServerOptions, serverFlags, withServerOptions } from './server-options.ts';
import { print } from './session.ts';
import { Steps } from './steps.ts';
import { PLACE_SETTINGS } from './with-places.ts';

interface Options {
  readonly snapshot?: string;
  readonly acceptDamage?: boolean;
}

export const registerRestore: RegisterCommand = (program, context) => {
  const { io } = context;
  withServerOptions(program.command('restore'), PLACE_SETTINGS)
    .description('fill an empty database and an empty storage from a backup')
    .argument('<folder>', 'where `packyard backup` has written')
    .option('--snapshot <time>', 'which snapshot, as `packyard backup --list` shows it (default: the newest)')
    .option('--accept-damage', 'finish even where the bytes of some files are lost')
    .option('--json', 'print the data as JSON')
    .action(async (folder: string, options: ServerOptions & Options, command: Command) => {
      const json = command.optsWithGlobals<{ readonly json?: boolean }>().json === true;
      const { config } = await loadConfig({ flags: serverFlags(options) });
      const { openBarePlaces } = await import('../server/open-bare-places.ts');
      const { restore } = await import('../registry/transfer/restore.ts');
      const steps = new Steps(io);
      try {
        const report = await restore(folder, (how) => openBarePlaces(config, how), {
          snapshot: options.snapshot,
          acceptDamage: options.acceptDamage,
          observer: steps,
        });
        const { snapshot, rows, blobs, damage, complete } = report;
        print(io, json, report, () => {
          const what = `${rows.repositories ?? 0} repositories, ${blobs.count} different files of ${formatBytes(blobs.bytes)}`;
          return complete
            ? `${snapshot} is restored: ${what}`
            : `${snapshot} is not restored completely: no server serves it until it is`;
        });
        noteDamage(
          io,
          damage,
          complete
            ? 'packyard fsck tells of them later; publish those files again'
            : 'run it again when the backup is mended, or go without those files: --accept-damage',
        );
        if (damage.count > 0) context.exitCode = EXIT.verificationFailed;
      } finally {
        steps.close();
      }
    });
};
