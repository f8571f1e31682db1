import {
  ensureRepository,
  findRepository,
  lockRepository,
  type RepositoryRow,
} from '../database/queries/repositories.ts';
import type { Queryable } from '../database/tables.ts';
import type { RepositoryRef } from '../model/repository-ref.ts';
import { type RegistryContext, recordEvent } from './context.ts';
import type { Actor } from './model.ts';
import { DEFAULT_SETTINGS, noRepository } from './repositories.ts';
import { toColumns } from './rows.ts';
import type { SigningKeys } from './signing/signing-keys.ts';

interface Upload {
  readonly repository: RepositoryRef;
  /** The repository that the caller was let into; 0 where there was none yet. */
  readonly repositoryId: number;
  readonly actor: Actor;
}

/** Opens the repository of an upload in its transaction, locked; makes it, with its signing key, where there is none. */
export interface RepositoryMaker {
  open(trx: Queryable, upload: Upload, now: number): Promise<RepositoryRow>;
}

/** @param ref the repository, which may not be there; a key for it is made now, since that takes long */
export async function repositoryMaker(
  context: RegistryContext,
  signing: SigningKeys,
  ref: RepositoryRef,
): Promise<RepositoryMaker> {
  const signs = signing.signs(ref.format);
  const present = signs && (await findRepository(context.database.read, ref));
  const key = signs && !present ? await signing.prepare(ref) : undefined;
  return {
    open: async (trx, upload, now) => {
      const known = await lockRepository(trx, ref);
      // A private repository that was deleted meanwhile must not come back as one that everybody may read.
      if (upload.repositoryId !== 0 && known?.id !== upload.repositoryId) throw noRepository(ref);
      if (known) return known;
      // Clients have its key, so one that signs is not forgotten when it is empty.
      const settings = toColumns({ ...DEFAULT_SETTINGS, keepEmpty: context.keepEmpty || signs });
      const { row, isNew } = await ensureRepository(trx, ref, settings, now);
      if (!isNew) return row;
      const { actor } = upload;
      await recordEvent(trx, { action: 'repository.create', actor, at: now, repository: ref });
      if (key) await signing.add(trx, row.id, key, actor.name);
      return row;
    },
  };
}
