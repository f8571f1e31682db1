import { findAlias } from '../database/queries/aliases.ts';
import { findFileAt, insertFile } from '../database/queries/files.ts';
import { endMembership, insertMembership, yankOfVersion } from '../database/queries/memberships.ts';
import { ensurePackage, ensureVersion, type PackageRow, touchPackage } from '../database/queries/packages.ts';
import { beginRevision, ensureRepository, lockRepository } from '../database/queries/repositories.ts';
import type { Queryable } from '../database/tables.ts';
import { invalid, PackyardError } from '../model/errors.ts';
import { formatRepositoryRef } from '../model/repository-ref.ts';
import { type RegistryContext, recordEvent } from './context.ts';
import type { PublishOutcome, PublishRequest } from './model.ts';
import { DEFAULT_SETTINGS, noRepository } from './repositories.ts';
import { toColumns, toRepository, toStoredFile } from './rows.ts';
import { BYTES_GONE, StoredBytes } from './stored-bytes.ts';

/** The longest path that every database can keep in an index, in characters. */
const MAX_PATH = 760;

/**
 * Makes one file visible: first its bytes become durable, then one transaction adds blob, file, version, membership, revision
 * and event. A crash in between leaves an object that nothing refers to, which is collected later.
 * @throws PackyardError `conflict` (other bytes at that path, repository is immutable), `precondition_failed`, `storage_full`
 */
export async function publish(context: RegistryContext, request: PublishRequest): Promise<PublishOutcome> {
  if (request.file.path.length > MAX_PATH) throw invalid('package, version and file name are too long together');
  const bytes = new StoredBytes(context, request.file.staged);
  try {
    for (;;) {
      await bytes.ensure();
      try {
        return await context.database.write((trx) => publishRows(context, trx, request, bytes), {
          // Repeated, it finds the same bytes published and says so; but then it must not take its own file for another's.
          repeatable: !request.onlyIfAbsent,
        });
      } catch (error) {
        if (error !== BYTES_GONE) throw error;
      }
    }
  } finally {
    await bytes.discardUnused();
  }
}

async function publishRows(
  context: RegistryContext,
  trx: Queryable,
  request: PublishRequest,
  bytes: StoredBytes,
): Promise<PublishOutcome> {
  const { staged } = request.file;
  const now = context.now();
  const known = await lockRepository(trx, request.repository);
  // A private repository that was deleted meanwhile must not come back as one that everybody may read.
  if (request.repositoryId !== 0 && known?.id !== request.repositoryId) throw noRepository(request.repository);
  const { row, isNew } = known
    ? { row: known, isNew: false }
    : await ensureRepository(
        trx,
        request.repository,
        toColumns({ ...DEFAULT_SETTINGS, keepEmpty: context.keepEmpty }),
        now,
      );
  const actor = request.actor.name;
  if (isNew)
    await recordEvent(trx, {
      action: 'repository.create',
      actor: request.actor,
      at: now,
      repository: request.repository,
    });

  const present = await findFileAt(trx, row.id, request.file.path);
  if (present && request.onlyIfAbsent) throw alreadyThere(request);
  if (present?.sha256 === staged.sha256.hex) {
    await bytes.mend(trx, now);
    return { file: toStoredFile(present), repository: toRepository(row), result: 'unchanged' };
  }
  if (present && row.write_policy !== 'overwrite') throw otherBytes(request, present.sha256);

  const reason = request.reason ?? `publish ${request.file.name}`;
  const revision = await beginRevision(trx, row, { actor, reason, at: now });
  const pkg = await ensurePackage(trx, row.id, request.package, request.displayName ?? request.package);
  refuseClosed(pkg);
  if (await findAlias(trx, pkg.id, request.version)) throw isAlias(request);
  const versionId = await ensureVersion(trx, pkg.id, request.version);
  if (present) {
    await endMembership(trx, present.id, revision);
    await touchPackage(trx, present.package_id, revision, -1);
  }
  const blobId = await bytes.refer(trx, now);
  const fileId = await insertFile(trx, {
    blobId,
    name: request.file.name,
    metadataJson: JSON.stringify(request.file.metadata),
    sidecars: request.file.sidecars ?? [],
  });
  await insertMembership(trx, {
    repositoryId: row.id,
    packageId: pkg.id,
    versionId,
    fileId,
    path: request.file.path,
    revision,
    addedAt: now,
    addedBy: actor,
    yanked: await yankOfVersion(trx, versionId),
  });
  await touchPackage(trx, pkg.id, revision, 1);
  await recordEvent(trx, {
    action: present ? 'file.replace' : 'file.publish',
    actor: request.actor,
    at: now,
    repository: request.repository,
    subject: request.file.path,
    detail: { sha256: staged.sha256.hex, size: staged.size, revision },
  });
  const file = await requireFile(trx, row.id, request.file.path);
  return { file, repository: toRepository({ ...row, revision }), result: present ? 'replaced' : 'created' };
}

async function requireFile(trx: Queryable, repositoryId: number, path: string) {
  const row = await findFileAt(trx, repositoryId, path);
  if (!row) throw new Error(`the file just published is not there: ${path}`);
  return toStoredFile(row);
}

/** PEP 792: archived and quarantined projects take no uploads; the same for packages of every format. */
function refuseClosed(pkg: PackageRow): void {
  if (pkg.status !== 'archived' && pkg.status !== 'quarantined') return;
  const reason = pkg.status_reason === '' ? '' : `: ${pkg.status_reason}`;
  throw new PackyardError('forbidden', `${pkg.name} is ${pkg.status} and takes no new files${reason}`, {
    hint: 'set its status to active first',
  });
}

function isAlias(request: PublishRequest): PackyardError {
  return new PackyardError('conflict', `${request.version} is an alias of ${request.package}, not a version`, {
    hint: 'publish under another version, or remove the alias first: packyard alias delete',
  });
}

function alreadyThere(request: PublishRequest): PackyardError {
  return new PackyardError('precondition_failed', `${request.file.name} is there already`, {
    hint: 'the request asked to store it only if it was not there (If-None-Match: *)',
  });
}

function otherBytes(request: PublishRequest, presentSha256: string): PackyardError {
  return new PackyardError('conflict', `${request.file.name} is published already, with other bytes`, {
    hint: `publish under a new version; ${formatRepositoryRef(request.repository)} keeps published files as they are (packyard repo update --write-policy overwrite changes that)`,
    details: { published: `sha256:${presentSha256}`, uploaded: request.file.staged.sha256.toString() },
  });
}
