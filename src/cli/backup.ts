import type { Command } from 'commander';
import type { BackupReport } from '../registry/transfer/backup.ts';
import type { SnapshotSummary } from '../registry/transfer/list-backups.ts';
import { formatBytes } from './byte-size.ts';
import type { RegisterCommand } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { noteDamage } from './note-damage.ts';
import { type ServerOptions, serverFlags, withServerOptions } from './server-options.ts';
import { print } from './session.ts';
import { Steps } from './steps.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';
import { PLACE_SETTINGS, withPlaces } from './with-places.ts';

interface Options {
  readonly list?: boolean;
  readonly keep?: string;
  readonly verify?: boolean;
}

export const registerBackup: RegisterCommand = (program, context) => {
  const { io } = context;
  withServerOptions(program.command('backup'), PLACE_SETTINGS)
    .description('copy everything into a folder; servers may run meanwhile')
    .argument('<folder>', 'where backups are kept; what one has copied, the next need not copy')
    .option('--keep <n>', 'remove all but the newest n snapshots afterwards')
    .option('--verify', 'digest also what the folder has already, and copy again what is damaged')
    .option('--list', 'show which snapshots the folder has, and do nothing')
    .option('--json', 'print the data as JSON')
    .action(async (folder: string, options: ServerOptions & Options, command: Command) => {
      const json = command.optsWithGlobals<{ readonly json?: boolean }>().json === true;
      const keep = options.keep === undefined ? undefined : numberOf(options.keep);
      if (options.list) {
        const { listBackups } = await import('../registry/transfer/list-backups.ts');
        const snapshots = await listBackups(folder);
        if (snapshots.length === 0 && !json) return io.note('no complete snapshot is there');
        return print(io, json, snapshots, () => describeList(snapshots));
      }
      await withPlaces(serverFlags(options), async (places) => {
        const { backUp } = await import('../registry/transfer/backup.ts');
        const steps = new Steps(io);
        try {
          const report = await backUp(places, folder, {
            keep,
            verify: options.verify,
            packyard: VERSION,
            observer: steps,
            now: Date.now,
          });
          print(io, json, report, () => describe(report, folder));
          noteDamage(io, report.damage, 'publish those files again, or restore them from an older snapshot');
          if (report.damage.count > 0) context.exitCode = EXIT.verificationFailed;
        } finally {
          steps.close();
        }
      });
    });
};

function numberOf(text: string): number {
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text);
  throw new UsageError('--keep is a number of snapshots, 1 or more');
}

function describe({ snapshot, rows, blobs, removed }: BackupReport, folder: string): string {
  const { repositories = 0, memberships = 0 } = rows;
  const lines = [
    `snapshot ${snapshot} is complete in ${folder}`,
    `${repositories} repositories, ${memberships} files with their history, ${blobs.count} different ones of ${formatBytes(blobs.bytes)}`,
    `${blobs.copied} of them (${formatBytes(blobs.copiedBytes)}) were new in the folder`,
  ];
  if (removed.snapshots.length > 0) lines.push(`removed: ${removed.snapshots.join(', ')}`);
  if (removed.blobs > 0) lines.push(`freed: ${formatBytes(removed.bytes)} of ${removed.blobs} files`);
  return lines.join('\n');
}

function describeList(snapshots: readonly SnapshotSummary[]): string {
  return table(
    ['SNAPSHOT', 'PACKYARD', 'REPOSITORIES', 'FILES', 'SIZE', 'LOST'],
    snapshots.map(({ snapshot, packyard, repositories, blobs, bytes, lost, damaged }) =>
      damaged
        ? [snapshot, 'its manifest is damaged']
        : [snapshot, packyard, String(repositories), String(blobs), formatBytes(bytes), lost === 0 ? '' : String(lost)],
    ),
  );
}
