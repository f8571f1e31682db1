import type { Command } from 'commander';
import { parseDuration } from '../model/duration.ts';
import type { GcReport } from '../registry/maintenance/gc.ts';
import type { GarbageItem, GarbageKind } from '../registry/maintenance/gc-run.ts';
import { formatBytes } from './byte-size.ts';
import type { RegisterCommand } from './context.ts';
import type { Io } from './io.ts';
import { printableLine } from './printable.ts';
import { type ServerOptions, serverFlags, withServerOptions } from './server-options.ts';
import { print } from './session.ts';
import { Steps } from './steps.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';
import { PLACE_SETTINGS, withPlaces } from './with-places.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly verbose?: boolean;
  readonly grace?: string;
  readonly abandonedAfter?: string;
  readonly evenForeign?: boolean;
  readonly wait?: boolean;
}

export const registerGc: RegisterCommand = (program, { io }) => {
  withServerOptions(program.command('gc'), PLACE_SETTINGS)
    .description('remove for good what was deleted and what crashes left behind; servers may run meanwhile')
    .option('-n, --dry-run', 'show what would go, and change nothing')
    .option('-v, --verbose', 'name each thing that goes')
    .option('--grace <duration>', 'how long what was deleted can be brought back (default: the setting gc.grace)')
    .option('--abandoned-after <duration>', 'age at which unfinished uploads are garbage', '24h')
    .option('--even-foreign', "also remove bytes that look like another instance's")
    .option('--wait', 'wait for other maintenance to end')
    .option('--json', 'print the data as JSON')
    .action(async (options: ServerOptions & Options, command: Command) => {
      const json = command.optsWithGlobals<{ readonly json?: boolean }>().json === true;
      const abandonedAfter = parseDuration(options.abandonedAfter ?? '');
      if (abandonedAfter === undefined) throw new UsageError('--abandoned-after is a length of time such as 12h or 2d');
      await withPlaces({ ...serverFlags(options), 'gc.grace': options.grace }, async (places, config) => {
        const { alone } = await import('../registry/maintenance/alone.ts');
        const { collectGarbage } = await import('../registry/maintenance/gc.ts');
        const items: GarbageItem[] = [];
        const steps = new Steps(io);
        const collect = (check: () => void) =>
          collectGarbage(
            { ...places, now: Date.now },
            {
              grace: config.gc.grace,
              abandonedAfter,
              dryRun: options.dryRun,
              evenForeign: options.evenForeign,
              observer: steps,
              onItem: options.verbose ? (item) => void items.push(item) : undefined,
              check,
            },
          );
        try {
          const report = options.dryRun
            ? await collect(() => {})
            : await alone(places.database, 'gc', (lease) => collect(() => lease.check()), { wait: options.wait });
          print(io, json, options.verbose ? { ...report, items } : report, () => describe(report, items));
          warnOfForeign(io, report);
        } finally {
          steps.close();
        }
      });
    });
};

/** What the kinds of garbage are to a person. */
const TITLES: Readonly<Record<GarbageKind, string>> = {
  memberships: 'deleted and replaced files',
  aliases: 'deleted and moved aliases',
  repositories: 'repositories',
  layers: 'layers that no image names',
  versions: 'empty versions',
  packages: 'empty packages',
  files: 'descriptions of files',
  pending: 'files that waited in vain',
  sessions: 'uploads that nobody goes on with',
  blobs: 'bytes that no file needs',
  documents: 'old pages',
  indices: 'old index documents',
  objects: 'bytes without a row',
  uploads: 'unfinished uploads',
};

function describe(report: GcReport, items: readonly GarbageItem[]): string {
  const kinds = Object.entries(report.garbage) as [GarbageKind, { count: number; bytes: number }][];
  const rows = kinds
    .filter(([, { count }]) => count > 0)
    .map(([kind, { count, bytes }]) => [TITLES[kind], String(count), bytes > 0 ? formatBytes(bytes) : '']);
  if (rows.length === 0) return 'there is no garbage';
  const named = items.map(({ kind, name, size }) =>
    [kind, printableLine(name), ...(size === undefined ? [] : [formatBytes(size)])].join('  '),
  );
  const sum = `${formatBytes(report.freedBytes)} ${report.dryRun ? 'would be freed; nothing was changed' : 'freed'}`;
  return [...named, ...(named.length > 0 ? [''] : []), table(['GARBAGE', 'COUNT', 'SIZE'], rows), sum].join('\n');
}

function warnOfForeign(io: Io, { foreign }: GcReport): void {
  if (foreign.count === 0) return;
  const what = `${foreign.count} objects (${formatBytes(foreign.bytes)}) that no row names`;
  io.note(
    `warning: left alone: ${what}, but that are older than this database or the most of what is in the storage\n` +
      'try: check that the settings database and storage belong together; packyard gc --even-foreign removes them',
  );
}
