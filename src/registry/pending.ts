import { insertPendingFile, listPendingFiles } from '../database/queries/pending-files.ts';
import { Digest } from '../model/digest.ts';
import type { RepositoryRef } from '../model/repository-ref.ts';
import type { RegistryContext } from './context.ts';
import type { Actor, PendingFile, Repository, StagedObject } from './model.ts';
import { repositoryMaker } from './repository-maker.ts';
import type { SigningKeys } from './signing/signing-keys.ts';
import { bytesOf, referTo, writeWithBytes } from './stored-bytes.ts';

export interface PendingRequest {
  readonly repository: RepositoryRef;
  readonly repositoryId: number;
  readonly actor: Actor;
  readonly name: string;
  readonly staged: StagedObject;
}

/** Keeps an uploaded file, durably but unseen, until one comes that says what it belongs to. */
export async function keepPending(context: RegistryContext, signing: SigningKeys, request: PendingRequest) {
  const { name, actor, staged } = request;
  const maker = await repositoryMaker(context, signing, request.repository);
  const bytes = bytesOf(context, staged);
  await writeWithBytes(
    context,
    [bytes],
    async (trx) => {
      const now = context.now();
      const { id } = await maker.open(trx, request, now);
      const blobId = (await referTo(trx, [bytes], now)).get(staged.sha256.hex) ?? 0;
      await insertPendingFile(trx, { repositoryId: id, name, blobId, at: now, actor: actor.name });
    },
    { repeatable: true },
  );
}

/** The files of these names that wait in a repository; there may be several of one name. */
export async function findPending(
  context: RegistryContext,
  repository: Repository,
  names: readonly string[],
): Promise<readonly PendingFile[]> {
  const rows = await listPendingFiles(context.database.read, repository.id, names);
  return rows.map(({ id, name, size, sha256 }) => ({ id, name, size, sha256: Digest.sha256(sha256) }));
}
