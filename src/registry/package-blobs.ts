import {
  deletePackageBlob,
  findPackageBlob,
  insertPackageBlob,
  listPlacesOfDigest,
  type PackageBlobRow,
} from '../database/queries/package-blobs.ts';
import { findPackage, type PackageRow } from '../database/queries/packages.ts';
import { ensurePackages } from '../database/queries/publishing.ts';
import { lockRepository } from '../database/queries/repositories.ts';
import type { Queryable } from '../database/tables.ts';
import { Digest } from '../model/digest.ts';
import type { RepositoryRef } from '../model/repository-ref.ts';
import { refuseClosed } from './closed-packages.ts';
import { type RegistryContext, recordEvent } from './context.ts';
import type { Actor, KnownBytes, PackageBlob, PackageStatus, Repository, StagedObject, Visibility } from './model.ts';
import { type RepositoryMaker, repositoryMaker } from './repository-maker.ts';
import type { SigningKeys } from './signing/signing-keys.ts';
import { bytesOf, referTo, writeWithBytes } from './stored-bytes.ts';

/** A package that bytes are sent to: it and its repository may not be there yet. */
export interface BlobTarget {
  readonly repository: RepositoryRef;
  /** The repository that the caller was let into; 0 where there was none yet. */
  readonly repositoryId: number;
  /** Normalised. */
  readonly package: string;
  readonly actor: Actor;
}

/** Where a digest is, and what decides who may read there. */
export interface DigestPlace {
  readonly repository: { readonly id: number; readonly ref: RepositoryRef; readonly visibility: Visibility };
  readonly package: string;
}

/** Places of one digest that are looked at in one go. */
const PLACES = 100;

/**
 * Makes bytes a package's own: first they become durable, then one transaction adds the rows. The same bytes once more change
 * nothing. `also` runs in that transaction.
 */
export async function addPackageBlob(
  context: RegistryContext,
  signing: SigningKeys,
  target: BlobTarget,
  blob: { readonly digest: string; readonly bytes: StagedObject | KnownBytes },
  also: (trx: Queryable) => Promise<void> = async () => {},
): Promise<void> {
  const maker = await repositoryMaker(context, signing, target.repository);
  const bytes = bytesOf(context, blob.bytes);
  await writeWithBytes(
    context,
    [bytes],
    async (trx) => {
      await also(trx);
      const now = context.now();
      const pkg = await openPackage(trx, maker, target, now);
      const { id: packageId, has_blobs } = pkg;
      const blobId = (await referTo(trx, [bytes], now)).get(bytes.sha256.hex) ?? 0;
      const { digest } = blob;
      const row = { packageId, known: has_blobs === 1, digest, blobId, at: now, actor: target.actor.name };
      if (!(await insertPackageBlob(trx, row))) return;
      refuseClosed(pkg);
      await recordEvent(trx, {
        action: 'blob.push',
        actor: target.actor,
        at: now,
        repository: target.repository,
        subject: `${target.package}@${digest}`,
      });
    },
    { repeatable: true },
  );
}

async function openPackage(
  trx: Queryable,
  maker: RepositoryMaker,
  target: BlobTarget,
  now: number,
): Promise<PackageRow> {
  const { id } = await maker.open(trx, target, now);
  const name = target.package;
  const row = (await ensurePackages(trx, id, new Map([[name, name]]))).get(name);
  if (!row) throw new Error('the package just added is not there');
  return row;
}

/** The bytes that a package has under this digest. */
export async function packageBlob(
  { database, cache }: RegistryContext,
  repository: Repository,
  packageName: string,
  digest: string,
): Promise<PackageBlob | undefined> {
  return cache.get(`blob:${repository.id}:${packageName}:${digest}`, async () => {
    const row = await findPackageBlob(database.read, repository.id, packageName, digest);
    return row && toPackageBlob(row);
  });
}

/** Every place where a digest is, in repositories of this format. */
export async function* placesOfDigest(
  { database }: RegistryContext,
  format: string,
  digest: string,
): AsyncGenerator<DigestPlace> {
  for (let after = 0; ; ) {
    const rows = await listPlacesOfDigest(database.read, format, digest, { after, limit: PLACES });
    for (const row of rows) {
      const ref = { format, name: row.repository };
      const visibility = row.visibility as Visibility;
      yield { repository: { id: row.repository_id, ref, visibility }, package: row.package };
    }
    const last = rows.at(-1);
    if (!last || rows.length < PLACES) return;
    after = last.id;
  }
}

/** Takes bytes from a package; other packages keep theirs. False when they were not there. */
export async function removePackageBlob(
  context: RegistryContext,
  repository: Repository,
  packageName: string,
  digest: string,
  actor: Actor,
): Promise<boolean> {
  return context.database.write(async (trx) => {
    const row = await lockRepository(trx, repository.ref);
    const pkg = row?.id === repository.id ? await findPackage(trx, row.id, packageName) : undefined;
    if (!pkg || !(await deletePackageBlob(trx, pkg.id, digest))) return false;
    const at = context.now();
    const subject = `${packageName}@${digest}`;
    await recordEvent(trx, { action: 'blob.remove', actor, at, repository: repository.ref, subject });
    return true;
  });
}

function toPackageBlob(row: PackageBlobRow): PackageBlob {
  return {
    id: row.id,
    repositoryId: row.repository_id,
    package: row.package,
    packageStatus: row.package_status as PackageStatus,
    digest: row.digest,
    size: row.size,
    sha256: Digest.sha256(row.sha256),
    storageKey: row.storage_key,
    publishedAt: row.added_at,
    publishedBy: row.added_by,
  };
}
