import { findPlacesOfBlob, NOWHERE } from '../../database/queries/maintenance-check.ts';
import { deleteDocument, findDocumentKey, listDocuments } from '../../database/queries/maintenance-objects.ts';
import { countRows } from '../../database/queries/maintenance-windows.ts';
import { type StepObserver, UNWATCHED } from '../../model/step-observer.ts';
import { listsObjects } from '../../storage/object-store.ts';
import { digestOfKey } from '../../storage/storage-key.ts';
import { type BlobFault, checkBlobs } from './check-blobs.ts';
import { checkRows } from './check-rows.ts';
import type { MaintenanceContext } from './context.ts';
import { FaultList, type FsckReport } from './fsck-report.ts';
import { findOrphans } from './orphans.ts';
import { repairCounts, repairFromBackup, repairFromStore } from './repair.ts';

export interface FsckOptions {
  /** Look only whether bytes are there and have their size, without reading them. */
  readonly quick?: boolean;
  /** Set right what can be set right without guessing. */
  readonly repair?: boolean;
  /** A backup folder from which a repair may take bytes. */
  readonly backup?: string;
  readonly observer?: StepObserver;
  /** Called before each repair: what it throws ends the work there. */
  readonly check?: () => void;
}

/** Looks whether everything is there and whole, while servers read and write. @throws when database or storage do not work at all */
export async function checkEverything(context: MaintenanceContext, options: FsckOptions = {}): Promise<FsckReport> {
  const { quick = false, observer = UNWATCHED } = options;
  const list = new FaultList();

  observer.begin('rows');
  await rows(context, options, list);
  observer.end();

  observer.begin(quick ? 'look up bytes' : 'read bytes', await countRows(context.database.read, 'blobs'));
  const damaged: BlobFault[] = [];
  const { blobs, bytes } = await checkBlobs(context, quick, observer, (fault) => void damaged.push(fault));
  observer.end();

  observer.begin('look for what no row names');
  const { orphans, copies } = await walkStore(context, new Set(damaged.map(({ blob }) => blob.sha256)), observer);
  observer.end();

  observer.begin('index documents');
  const documents = await checkDocuments(context, options, list);
  observer.end();

  observer.begin(options.repair ? 'repair' : 'who is affected', damaged.length);
  for (const fault of damaged) {
    await reportBlob(context, options, fault, copies.get(fault.blob.sha256) ?? [], list);
    observer.advance(1);
  }
  observer.end();
  const { faults, unlisted, clean } = list;
  return { blobs, bytes, documents, faults, unlisted, orphans, clean };
}

async function rows(context: MaintenanceContext, options: FsckOptions, list: FaultList): Promise<void> {
  const repaired = new Set<number>();
  for (const fault of await context.database.snapshot(checkRows)) {
    const { kind, severity, message, places, remedy, recount } = fault;
    if (options.repair && recount !== undefined && !repaired.has(recount)) {
      options.check?.();
      await repairCounts(context, recount);
      repaired.add(recount);
    }
    list.add({
      kind,
      severity,
      message,
      affected: places.shown,
      affectedCount: places.count,
      remedy,
      repaired: recount !== undefined && repaired.has(recount),
    });
  }
}

/** Counts what no row names, and gathers which of that could replace damaged bytes. */
async function walkStore(context: MaintenanceContext, wanted: ReadonlySet<string>, observer: StepObserver) {
  const orphans = { count: 0, bytes: 0 };
  const copies = new Map<string, string[]>();
  if (!listsObjects(context.store)) return { orphans, copies };
  for await (const { key, size } of findOrphans(context, context.store, () => observer.advance(1))) {
    orphans.count += 1;
    orphans.bytes += size;
    const sha256 = digestOfKey(key);
    if (sha256 !== undefined && wanted.has(sha256)) copies.set(sha256, [...(copies.get(sha256) ?? []), key]);
  }
  return { orphans, copies };
}

async function checkDocuments(context: MaintenanceContext, options: FsckOptions, list: FaultList): Promise<number> {
  const { database, store } = context;
  const documents = await listDocuments(database.read);
  for (const { name, storage_key, size } of documents) {
    const found = await store.stat(storage_key);
    if (found?.size === size || (await findDocumentKey(database.read, name)) !== storage_key) continue;
    if (options.repair) {
      options.check?.();
      await database.write((trx) => deleteDocument(trx, name, storage_key), { repeatable: true });
    }
    list.add({
      kind: 'document',
      severity: 'error',
      message: `the index document ${name} is not in the storage as it was stored (${storage_key})`,
      affected: [],
      affectedCount: 0,
      remedy: 'packyard fsck --repair forgets it; it is built again when it is asked for',
      repaired: options.repair ?? false,
    });
  }
  return documents.length;
}

async function reportBlob(
  context: MaintenanceContext,
  options: FsckOptions,
  { id, blob, kind, message }: BlobFault,
  copies: readonly string[],
  list: FaultList,
): Promise<void> {
  const places = list.full ? NOWHERE : await findPlacesOfBlob(context.database.read, id);
  let repaired = false;
  if (options.repair) {
    options.check?.();
    repaired =
      (await repairFromStore(context, blob, copies)) ||
      (options.backup !== undefined && (await repairFromBackup(context, blob, options.backup)));
  }
  list.add({
    kind,
    severity: 'error',
    message: `${message} (sha256:${blob.sha256})`,
    affected: places.shown,
    affectedCount: places.count,
    remedy: remedyOf(kind, blob.storageKey, copies.length > 0 && !options.repair),
    repaired,
  });
}

function remedyOf(kind: BlobFault['kind'], key: string, hasCopy: boolean): string {
  if (hasCopy) return 'packyard fsck --repair: the storage may have another copy of these bytes';
  const again = kind === 'missing' ? 'publish the same file again' : `remove ${key} and publish the same file again`;
  return `packyard fsck --repair --from BACKUP takes the bytes from a backup; or ${again}`;
}
