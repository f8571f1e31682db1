import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import {
  deleteIndexObject,
  type IndexObjectRow,
  listIndexObjects,
  listSupersededObjects,
  replaceIndexObject,
  supersedeIndexObjects,
} from '../../database/queries/index-objects.ts';
import { deletesObjects } from '../../storage/object-store.ts';
import type { RegistryContext } from '../context.ts';
import { withLease } from '../lease.ts';
import { extracts } from './background-extracts.ts';
import type { BackgroundPlan } from './index-plan.ts';
import type { IndexSource, IndexState } from './index-state.ts';

export interface BackgroundJob {
  readonly source: IndexSource;
  readonly background: BackgroundPlan;
  readonly state: IndexState;
  /** How long what was replaced is still given out, in milliseconds. */
  readonly keep: number;
  /** Ends the work. */
  readonly signal?: AbortSignal;
}

/** A digest of everything that a background document is made from. */
function basisOf({ source, state }: BackgroundJob, groups: readonly string[]): string {
  return new Bun.CryptoHasher('sha256').update(`${source.plan.version} ${state.contentOf(groups)}`).digest('hex');
}

interface Wanted {
  readonly path: string;
  readonly groups: readonly string[];
  readonly basis: string;
}

function wantedOf(job: BackgroundJob): readonly Wanted[] {
  const layout = job.background.layout(job.state.groups, job.source.settings);
  return layout.map(({ path, groups }) => ({ path: `${path}.gz`, groups, basis: basisOf(job, groups) }));
}

/** Whether any of an index's background documents is missing, or made from something else. */
export function isWanting(job: BackgroundJob, present: readonly IndexObjectRow[]): boolean {
  const wanted = wantedOf(job);
  if (wanted.length !== present.length) return true;
  return wanted.some(({ path, basis }) => present.find((row) => row.path === path)?.basis !== basis);
}

/**
 * Makes an index's background documents for one of its states, on one replica, and puts them in the place of the older ones.
 * @returns whether anything is different now
 */
export async function buildInBackground(context: RegistryContext, job: BackgroundJob): Promise<boolean> {
  const { repositoryId, name } = job.source;
  const done = await withLease(context.database, `index:${repositoryId}:${name}`, async (lease) => {
    // What is replaced only now is in the generation that clients read, however short `keep` is.
    const forgotten = context.now() - job.keep;
    const changed = await buildWanted(context, job, () => lease.check());
    await deleteSuperseded(context, job.source, forgotten);
    return changed;
  });
  return done ?? false;
}

async function buildWanted(context: RegistryContext, job: BackgroundJob, check: () => void): Promise<boolean> {
  const { repositoryId, name } = job.source;
  const present = await listIndexObjects(context.database.read, repositoryId, name);
  const wanted = wantedOf(job);
  const surplus = present.filter((row) => !wanted.some(({ path }) => path === row.path));
  for (const { path } of surplus)
    await context.database.write((trx) => supersedeIndexObjects(trx, repositoryId, name, path, context.now()));
  let changed = surplus.length > 0;
  for (const document of wanted) {
    check();
    if (present.find((row) => row.path === document.path)?.basis === document.basis) continue;
    await buildOne(context, job, document, check);
    changed = true;
  }
  return changed;
}

/** Forgets what nobody reads any more; `gc` does it where nothing is made any more. */
async function deleteSuperseded(
  { database, store }: RegistryContext,
  index: IndexSource,
  before: number,
): Promise<void> {
  for (const { id, storage_key } of await listSupersededObjects(database.read, before, index)) {
    const isGone = await database.write((trx) => deleteIndexObject(trx, id));
    if (isGone && deletesObjects(store)) await store.delete(storage_key);
  }
}

async function buildOne(
  context: RegistryContext,
  job: BackgroundJob,
  document: Wanted,
  check: () => void,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'packyard-index-'));
  const plain = { sha256: new Bun.CryptoHasher('sha256'), size: 0 };
  const noted = async function* (): AsyncIterable<Uint8Array> {
    for await (const piece of job.background.build(extracts(context, job, document.groups, check), folder)) {
      plain.sha256.update(piece);
      plain.size += piece.byteLength;
      yield piece;
    }
  };
  try {
    const gzip = createGzip({ level: 6 });
    const staged = await context.store.stage(throughGzip(noted(), gzip));
    try {
      const row = {
        repository_id: job.source.repositoryId,
        name: job.source.name,
        path: document.path,
        basis: document.basis,
        sha256: staged.sha256.hex,
        size: staged.size,
        plain_sha256: plain.sha256.digest('hex'),
        plain_size: plain.size,
        storage_key: await staged.commit(),
        superseded_at: null,
      };
      check();
      await context.database.write((trx) => replaceIndexObject(trx, row, context.now()));
    } finally {
      await staged.discard();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* throughGzip(
  source: AsyncIterable<Uint8Array>,
  gzip: ReturnType<typeof createGzip>,
): AsyncIterable<Uint8Array> {
  const feeding = (async () => {
    for await (const piece of source)
      if (!gzip.write(piece)) await new Promise((resolve) => gzip.once('drain', resolve));
    gzip.end();
  })();
  feeding.catch((error: Error) => gzip.destroy(error));
  yield* gzip;
  await feeding;
}
