import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Fault, FsckReport } from '../registry/maintenance/fsck-report.ts';
import { formatBytes } from './byte-size.ts';
import type { RegisterCommand } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { printableLine } from './printable.ts';
import { type ServerOptions, serverFlags, withServerOptions } from './server-options.ts';
import { print } from './session.ts';
import { Steps } from './steps.ts';
import { UsageError } from './usage-error.ts';
import { PLACE_SETTINGS, withPlaces } from './with-places.ts';

interface Options {
  readonly quick?: boolean;
  readonly repair?: boolean;
  readonly from?: string;
  readonly wait?: boolean;
}

export const registerFsck: RegisterCommand = (program, context) => {
  withServerOptions(program.command('fsck'), PLACE_SETTINGS)
    .description('check that every file is there and whole; exit code 6 if not; servers may run meanwhile')
    .option('--quick', 'do not read the bytes: only look whether they are there and have their size')
    .option('--repair', 'set right what can be set right without guessing')
    .option('--from <backup>', 'with --repair: take missing and damaged bytes from this backup folder')
    .option('--wait', 'with --repair: wait for other maintenance to end')
    .option('--json', 'print the data as JSON')
    .action(async (options: ServerOptions & Options, command: Command) => {
      const json = command.optsWithGlobals<{ readonly json?: boolean }>().json === true;
      checkOptions(options);
      await withPlaces(serverFlags(options), async (places) => {
        const { checkEverything } = await import('../registry/maintenance/fsck.ts');
        const { alone } = await import('../registry/maintenance/alone.ts');
        const steps = new Steps(context.io);
        const { quick, repair, from: backup, wait } = options;
        const run = (check?: () => void) =>
          checkEverything({ ...places, now: Date.now }, { quick, repair, backup, observer: steps, check });
        try {
          const report = repair
            ? await alone(places.database, 'fsck --repair', (lease) => run(() => lease.check()), { wait })
            : await run();
          print(context.io, json, report, () => describe(report, quick ?? false));
          if (!report.clean) context.exitCode = EXIT.verificationFailed;
        } finally {
          steps.close();
        }
      });
    });
};

function checkOptions({ repair, from }: Options): void {
  if (from === undefined) return;
  if (!repair) throw new UsageError('--from is for repairs', 'add --repair');
  if (!existsSync(join(from, 'snapshots')))
    throw new UsageError(`${from} is no backup folder`, 'name the folder that packyard backup wrote to');
}

function describe(report: FsckReport, quick: boolean): string {
  const { blobs, bytes, faults, unlisted, orphans } = report;
  const left = faults.filter((fault) => fault.severity === 'error' && !fault.repaired).length + unlisted;
  const repaired = faults.filter((fault) => fault.repaired).length;
  const warnings = faults.filter((fault) => fault.severity === 'warning').length;
  const lines = faults.map(describeFault);
  if (unlisted > 0) lines.push(`and ${unlisted} more: check that the settings database and storage belong together\n`);
  if (orphans.count > 0) {
    const what = `${orphans.count} objects (${formatBytes(orphans.bytes)}) in the storage have no row`;
    lines.push(`${what}: uploads under way, or garbage that packyard gc removes a day later`);
  }
  const results = [
    left > 0 ? `${left} ${left === 1 ? 'fault' : 'faults'}` : report.clean ? 'no faults' : 'faults',
    ...(repaired > 0 ? [`${repaired} repaired`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
  ];
  lines.push(`${quick ? 'looked up' : 'read'} ${blobs} blobs, ${formatBytes(bytes)}: ${results.join(', ')}`);
  return lines.join('\n');
}

function describeFault({ kind, severity, message, affected, affectedCount, remedy, repaired }: Fault): string {
  const label = repaired ? 'repaired' : severity === 'warning' ? 'warning' : kind;
  const lines = [`${label}: ${printableLine(message)}`];
  for (const { repository, path, deleted } of affected)
    lines.push(printableLine(`  ${repository} ${path}${deleted ? ' (deleted, can be brought back)' : ''}`));
  if (affectedCount > affected.length) lines.push(`  and ${affectedCount - affected.length} more`);
  if (!repaired) lines.push(`  try: ${printableLine(remedy)}`);
  return `${lines.join('\n')}\n`;
}
