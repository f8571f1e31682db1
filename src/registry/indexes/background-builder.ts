import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip, gunzipSync, gzipSync } from 'node:zlib';
import { inBatches } from '../../database/in-batches.ts';
import { type IndexFileRow, listIdsAt, listIndexFiles } from '../../database/queries/index-files.ts';
import {
  type IndexObjectRow,
  insertFileListing,
  listFileListings,
  listIndexObjects,
  replaceIndexObject,
  supersedeIndexObjects,
} from '../../database/queries/index-objects.ts';
import { PackyardError } from '../../model/errors.ts';
import type { RegistryContext } from '../context.ts';
import { withLease } from '../lease.ts';
import type { JsonObject, Repository } from '../model.ts';
import type { BackgroundPlan, Extracted, IndexPlan } from './index-plan.ts';
import { type IndexState, toIndexFile } from './index-state.ts';

/** Milliseconds that a file may take. */
const EXTRACT_WITHIN = 60_000;
/** Files whose extracts are in memory at the same time. */
const BATCH = 50;

export interface BackgroundJob {
  readonly repository: Repository;
  readonly name: string;
  readonly plan: IndexPlan;
  readonly background: BackgroundPlan;
  readonly state: IndexState;
  readonly settings: JsonObject;
  /** Ends the work. */
  readonly signal?: AbortSignal;
}

/** A digest of everything that an index's background documents are made from. */
function basisOf(state: IndexState): string {
  const hasher = new Bun.CryptoHasher('sha256');
  for (const [path, document] of state.documents) hasher.update(`${path} ${document.digests.plain.sha256}\n`);
  return hasher.digest('hex');
}

/** Whether any of an index's background documents is missing, or made from something else. */
export function isWanting({ background, state, settings }: BackgroundJob, present: readonly IndexObjectRow[]): boolean {
  const wanted = background.layout(state.groups, settings);
  if (wanted.length !== present.length) return true;
  const basis = basisOf(state);
  return wanted.some(({ path }) => present.find((row) => row.path === `${path}.gz`)?.basis !== basis);
}

/**
 * Makes an index's background documents for one of its states, on one replica, and puts them in the place of the older ones.
 * @returns whether anything is different now
 */
export async function buildInBackground(context: RegistryContext, job: BackgroundJob): Promise<boolean> {
  const { repository, name, state } = job;
  const basis = basisOf(state);
  const work = async (check: () => void): Promise<boolean> => {
    const present = await listIndexObjects(context.database.read, repository.id, name);
    const wanted = job.background.layout(state.groups, job.settings);
    const paths = wanted.map(({ path }) => `${path}.gz`);
    const surplus = present.filter((row) => !paths.includes(row.path));
    for (const { path } of surplus)
      await context.database.write((trx) => supersedeIndexObjects(trx, repository.id, name, path, context.now()));
    let changed = surplus.length > 0;
    for (const { path, groups } of wanted) {
      check();
      const known = present.find((row) => row.path === `${path}.gz`);
      if (known?.basis === basis) continue;
      await buildOne(context, job, { path: `${path}.gz`, groups, basis }, check);
      changed = true;
    }
    return changed;
  };
  const done = await withLease(context.database, `index:${repository.id}:${name}`, (lease) =>
    work(() => lease.check()),
  );
  return done ?? false;
}

async function buildOne(
  context: RegistryContext,
  job: BackgroundJob,
  document: { readonly path: string; readonly groups: readonly string[]; readonly basis: string },
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
        repository_id: job.repository.id,
        name: job.name,
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

/** Every file of some groups with its extract, which is made where it was not yet. */
async function* extracts(
  context: RegistryContext,
  job: BackgroundJob,
  groups: readonly string[],
  check: () => void,
): AsyncIterable<Extracted> {
  const { plan, repository, name, state } = job;
  const { read } = context.database;
  const range = { repositoryId: repository.id, prefix: plan.pathPrefix(name) };
  for (const ids of inBatches(await listIdsAt(read, range, state.revision), BATCH)) {
    check();
    const rows = (await listIndexFiles(read, ids)).filter((row) => row.package_status !== 'quarantined');
    const wanted = rows.filter((row) => groups.includes(plan.contribution(toIndexFile(row))?.group ?? ''));
    if (wanted.length === 0) continue;
    const kept = await listFileListings(
      read,
      wanted.map((row) => row.blob_id),
    );
    const known = new Map(kept.map((row) => [row.blob_id, row.content]));
    for (const row of wanted) {
      const content = known.get(row.blob_id) ?? (await extractOne(context, job, row));
      if (content) yield { file: toIndexFile(row), extract: gunzipSync(content) };
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

/** Undefined where the bytes have gone meanwhile, or cannot be read. */
async function extractOne(
  context: RegistryContext,
  { background, signal }: BackgroundJob,
  { blob_id, storage_key }: IndexFileRow,
): Promise<Uint8Array | undefined> {
  signal?.throwIfAborted();
  const keep = async (content: Uint8Array): Promise<Uint8Array> => {
    await database.write((trx) => insertFileListing(trx, blob_id, content), { repeatable: true });
    return content;
  };
  const { store, database } = context;
  try {
    const body = await store.open(storage_key);
    const local = body instanceof Blob ? (body as Blob & { readonly name?: string }).name : undefined;
    const staged = local === undefined ? await store.stage(body instanceof Blob ? body.stream() : body) : undefined;
    try {
      const limit = AbortSignal.timeout(EXTRACT_WITHIN);
      const ends = signal ? AbortSignal.any([signal, limit]) : limit;
      return await keep(gzipSync(await background.extract(local ?? staged?.path ?? '', ends)));
    } finally {
      await staged?.discard();
    }
  } catch (error) {
    signal?.throwIfAborted();
    // One file that cannot be listed must not keep all the others from being found, nor be tried again and again.
    const isHopeless = error instanceof PackyardError ? error.code === 'invalid_request' : isTimeout(error);
    return isHopeless ? keep(gzipSync(new Uint8Array(0))) : undefined;
  }
}
