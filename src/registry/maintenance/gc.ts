import { type StepObserver, UNWATCHED } from '../../model/step-observer.ts';
import { collectBlobs } from './collect-blobs.ts';
import { collectDocuments } from './collect-documents.ts';
import { collectIndexObjects } from './collect-index-objects.ts';
import { collectObjects } from './collect-objects.ts';
import { collectUploads } from './collect-uploads.ts';
import type { MaintenanceContext } from './context.ts';
import { type Amount, type GarbageItem, type GarbageKind, GcRun } from './gc-run.ts';
import { purgePending, purgeSessions } from './purge-pending.ts';
import { purgeForgottenRepositories, purgeRemovedRepositories } from './purge-repositories.ts';
import {
  purgeAliases,
  purgeFiles,
  purgeMemberships,
  purgePackages,
  purgeUnnamedBlobs,
  purgeVersions,
} from './purge-rows.ts';

/** Milliseconds that an upload may take from its first byte to its row. */
const ABANDONED_AFTER = 24 * 60 * 60 * 1000;

export interface GcOptions {
  /** Milliseconds for which what was deleted can still be brought back. */
  readonly grace: number;
  /** Milliseconds after which bytes without a row and unfinished uploads are garbage: a day if left out. */
  readonly abandonedAfter?: number;
  /** Only show what would go. */
  readonly dryRun?: boolean;
  /** Delete bytes without a row also where they look like another instance's. */
  readonly evenForeign?: boolean;
  readonly observer?: StepObserver;
  /** Told of each thing that goes or would go. */
  readonly onItem?: (item: GarbageItem) => void;
  /** Called before each deletion and often between: what it throws ends the work there. */
  readonly check?: () => void;
}

export interface GcReport {
  readonly dryRun: boolean;
  /** Milliseconds. */
  readonly grace: number;
  /** What has gone or would go. Only `blobs`, `documents`, `indices`, `objects` and `uploads` have bytes of their own. */
  readonly garbage: Readonly<Record<GarbageKind, Readonly<Amount>>>;
  /** Bytes in the store that are or would be free. */
  readonly freedBytes: number;
  /** Bytes without a row that were left alone, because they look like another instance's. */
  readonly foreign: Readonly<Amount>;
}

/**
 * Removes what nobody can reach or bring back any more, while servers read and write. Each step leaves everything whole, so
 * it can be broken off anywhere and begun again; what a crash leaves is garbage for the next time.
 */
export async function collectGarbage(context: MaintenanceContext, options: GcOptions): Promise<GcReport> {
  const run = new GcRun(context, {
    before: context.now() - options.grace,
    abandonedAfter: options.abandonedAfter ?? ABANDONED_AFTER,
    dryRun: options.dryRun ?? false,
    evenForeign: options.evenForeign ?? false,
    observer: options.observer ?? UNWATCHED,
    check: options.check ?? (() => {}),
    onItem: options.onItem,
  });
  for (const [name, step] of STEPS) await run.step(name, () => step(run));
  return {
    dryRun: run.dryRun,
    grace: options.grace,
    garbage: run.amounts,
    freedBytes: Object.values(run.amounts).reduce((sum, { bytes }) => sum + bytes, 0),
    foreign: run.foreign,
  };
}

/** In this order what one step frees is garbage for the next. */
const STEPS: readonly (readonly [name: string, step: (run: GcRun) => Promise<void>])[] = [
  ['deleted files', purgeMemberships],
  ['deleted aliases', purgeAliases],
  ['removed repositories', purgeRemovedRepositories],
  ['unneeded layers', purgeUnnamedBlobs],
  ['empty versions', purgeVersions],
  ['empty packages', purgePackages],
  ['forgotten repositories', purgeForgottenRepositories],
  ['descriptions of files', purgeFiles],
  ['files that waited in vain', purgePending],
  ['uploads that nobody goes on with', purgeSessions],
  ['unneeded bytes', collectBlobs],
  ['old pages', collectDocuments],
  ['old index documents', collectIndexObjects],
  ['bytes without a row', collectObjects],
  ['unfinished uploads', collectUploads],
];
