import { gunzipSync, gzipSync } from 'node:zlib';
import { inBatches } from '../../database/in-batches.ts';
import { type IndexFileRow, listIdsAt, listIndexFiles } from '../../database/queries/index-files.ts';
import { insertFileListing, listFileListings } from '../../database/queries/index-objects.ts';
import { PackyardError } from '../../model/errors.ts';
import { Turns } from '../../model/turns.ts';
import type { RegistryContext } from '../context.ts';
import type { BackgroundJob } from './background-builder.ts';
import type { Extracted } from './index-plan.ts';
import { rangeOf, toIndexFile } from './index-state.ts';

/** Milliseconds that a file may take. */
const EXTRACT_WITHIN = 60_000;
/** Files whose extracts are in memory at the same time. */
const BATCH = 50;
/** Unpacking takes a processor, and tens of megabytes: of all indices, one file at a time. */
const turns = new Turns(1);

/** Every file of some groups with its extract, which is made where it was not yet. */
export async function* extracts(
  context: RegistryContext,
  job: BackgroundJob,
  groups: readonly string[],
  check: () => void,
): AsyncIterable<Extracted> {
  const { plan } = job.source;
  const { read } = context.database;
  for (const ids of inBatches(await listIdsAt(read, rangeOf(job.source), job.state.revision), BATCH)) {
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
      const extract = await turns.take(() => {
        // Waiting for others does not count.
        const limit = AbortSignal.timeout(EXTRACT_WITHIN);
        const ends = signal ? AbortSignal.any([signal, limit]) : limit;
        ends.throwIfAborted();
        return background.extract(local ?? staged?.path ?? '', ends);
      });
      return await keep(gzipSync(extract));
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
