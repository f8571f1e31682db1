import { invalid } from '../model/errors.ts';
import type { RegistryContext } from './context.ts';
import type { PublishAllRequest, PublishItem, PublishOutcome, PublishRequest } from './model.ts';
import { publishRows } from './publish-rows.ts';
import { repositoryMaker } from './repository-maker.ts';
import type { SigningKeys } from './signing/signing-keys.ts';
import { type Bytes, bytesOf, writeWithBytes } from './stored-bytes.ts';

/** The longest path that every database can keep in an index, in characters. */
const MAX_PATH = 760;

/**
 * Makes one file visible: first its bytes become durable, then one transaction adds blob, file, version, membership, revision
 * and event. A crash in between leaves an object that nothing refers to, which is collected later.
 * @throws PackyardError `conflict` (other bytes at that path, repository is immutable), `precondition_failed`, `storage_full`
 */
export async function publish(
  context: RegistryContext,
  signing: SigningKeys,
  request: PublishRequest,
): Promise<PublishOutcome> {
  const [outcome] = await publishAll(context, signing, { ...request, items: [request] });
  if (!outcome) throw new Error('a file was published without an outcome');
  return outcome;
}

/** Makes several files visible at once, in one revision, or none of them. The outcomes come in the order of the items. */
export async function publishAll(
  context: RegistryContext,
  signing: SigningKeys,
  request: PublishAllRequest & { readonly onlyIfAbsent?: boolean },
): Promise<readonly PublishOutcome[]> {
  requireDifferentPaths(request);
  const maker = await repositoryMaker(context, signing, request.repository);
  const byDigest = bytesByDigest(context, request.items);
  const bytes = request.items.flatMap((item) => byDigest.get(item.file.staged.sha256.hex) ?? []);
  const batch = { ...request, bytes, maker };
  return writeWithBytes(context, [...byDigest.values()], (trx) => publishRows(context, trx, batch), {
    // Repeated, it finds the same bytes published and says so; but then it must not take its own file for another's.
    repeatable: !request.onlyIfAbsent,
  });
}

/** Items can share their bytes, such as one package in two distributions: those are stored once. */
function bytesByDigest(context: RegistryContext, items: readonly PublishItem[]): Map<string, Bytes> {
  const found = new Map<string, Bytes>();
  for (const { file } of items) {
    const key = file.staged.sha256.hex;
    if (!found.has(key) || 'path' in file.staged) found.set(key, bytesOf(context, file.staged));
  }
  return found;
}

function requireDifferentPaths({ items }: PublishAllRequest): void {
  const paths = new Set<string>();
  for (const { file } of items) {
    if (file.path.length > MAX_PATH) throw invalid('package, version and file name are too long together');
    if (paths.has(file.path)) throw invalid(`two files are to be published as ${file.path}`);
    paths.add(file.path);
  }
}
