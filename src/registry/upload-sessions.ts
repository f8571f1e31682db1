import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { deleteBlobsOfNobody } from '../database/queries/maintenance-purge.ts';
import {
  deleteUploadSessions,
  findUploadSession,
  insertUploadPart,
  insertUploadSession,
  listUploadParts,
  lockUploadSession,
  type UploadSessionRow,
} from '../database/queries/upload-sessions.ts';
import type { DigestAlgorithm } from '../model/digest.ts';
import { Digest } from '../model/digest.ts';
import { notFound, PackyardError } from '../model/errors.ts';
import { deletesObjects } from '../storage/object-store.ts';
import type { RegistryContext } from './context.ts';
import type { ByteSource, KnownBytes, StagedObject } from './model.ts';
import { addPackageBlob, type BlobTarget } from './package-blobs.ts';
import { repositoryMaker } from './repository-maker.ts';
import type { SigningKeys } from './signing/signing-keys.ts';
import { bytesOf, referTo, writeWithBytes } from './stored-bytes.ts';

/** An upload that comes in several requests, to any of several servers. */
export interface UploadSession {
  readonly id: string;
  /** Bytes so far. */
  readonly size: number;
  readonly algorithm: DigestAlgorithm;
}

type PartRow = Awaited<ReturnType<typeof listUploadParts>>[number];

/**
 * Uploads in parts. What one request brings is stored like any other bytes and noted as the next part, so every server can
 * take the next one; of an upload in one piece, which is the usual, that part already is the blob. Several are read once more
 * and stored as one when the upload ends.
 */
export class UploadSessions {
  readonly #context: RegistryContext;
  readonly #signing: SigningKeys;

  constructor(context: RegistryContext, signing: SigningKeys) {
    this.#context = context;
    this.#signing = signing;
  }

  /** Begins one; makes the repository if it is not there. */
  async begin(target: BlobTarget, algorithm: DigestAlgorithm): Promise<UploadSession> {
    const maker = await repositoryMaker(this.#context, this.#signing, target.repository);
    const id = randomUUID();
    await this.#context.database.write(async (trx) => {
      const now = this.#context.now();
      const { id: repositoryId } = await maker.open(trx, target, now);
      await insertUploadSession(trx, {
        id,
        repository_id: repositoryId,
        package: target.package,
        algorithm,
        size: 0,
        parts: 0,
        started_by: target.actor.name,
        touched_at: now,
      });
    });
    return { id, size: 0, algorithm };
  }

  /** One that has begun in this package and has neither ended nor expired. */
  async find(target: BlobTarget, id: string): Promise<UploadSession | undefined> {
    const row = await findUploadSession(this.#context.database.read, id);
    return belongs(row, target) ? toSession(row) : undefined;
  }

  /**
   * Adds bytes at the end.
   * @param session as it was when they began to arrive
   * @throws PackyardError `conflict` when somebody else has added some meanwhile, `not_found` when it has ended
   */
  async append(target: BlobTarget, session: UploadSession, staged: StagedObject): Promise<UploadSession> {
    if (staged.size === 0) return session;
    const digest = session.algorithm === 'sha256' ? null : (await staged.digest(session.algorithm)).toString();
    const bytes = bytesOf(this.#context, staged);
    return writeWithBytes(this.#context, [bytes], async (trx) => {
      const row = await lockUploadSession(trx, session.id);
      if (!belongs(row, target)) throw ended(session.id);
      if (row.size !== session.size) throw moved(row.size);
      const now = this.#context.now();
      const blobId = (await referTo(trx, [bytes], now)).get(bytes.sha256.hex) ?? 0;
      await insertUploadPart(trx, row, { blobId, size: staged.size, digest, at: now });
      return { ...session, size: row.size + staged.size };
    });
  }

  /** Ends one without a result. */
  async cancel(session: UploadSession): Promise<void> {
    const parts = await listUploadParts(this.#context.database.read, session.id);
    await this.#context.database.write(async (trx) => {
      if ((await deleteUploadSessions(trx, [session.id])) === 0) throw ended(session.id);
    });
    await this.#drop(parts);
  }

  /**
   * Ends one: its bytes, with `last` behind them, become the package's under this digest.
   * @throws PackyardError `digest_mismatch`, after which the upload is gone; `conflict`, `not_found` as `append`
   */
  async finish(target: BlobTarget, session: UploadSession, digest: Digest, last?: StagedObject): Promise<void> {
    const parts = session.size === 0 ? [] : await listUploadParts(this.#context.database.read, session.id);
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    // Somebody else has ended it since, or added to it.
    if (size !== session.size) throw size === 0 ? ended(session.id) : moved(size);
    const whole = await this.#whole(session, parts, digest, last).catch((error: unknown) =>
      this.#explain(error, session),
    );
    try {
      await addPackageBlob(
        this.#context,
        this.#signing,
        target,
        { digest: digest.toString(), bytes: whole },
        async (trx) => {
          const row = await lockUploadSession(trx, session.id);
          if (!belongs(row, target)) throw ended(session.id);
          if (row.size !== session.size) throw moved(row.size);
          await deleteUploadSessions(trx, [session.id]);
        },
      );
    } finally {
      if ('discard' in whole && whole !== last) await whole.discard();
    }
    if (parts.length > 0 && 'path' in whole) await this.#drop(parts);
  }

  /** All bytes of an upload as one, with the digest that they must have. */
  async #whole(
    session: UploadSession,
    parts: readonly PartRow[],
    digest: Digest,
    last: StagedObject | undefined,
  ): Promise<StagedObject | KnownBytes> {
    const [only] = parts;
    const isOnePart = parts.length === 1 && (last?.size ?? 0) === 0;
    if (only && isOnePart) {
      const known = digest.algorithm === 'sha256' ? `sha256:${only.sha256}` : only.digest;
      if (known === digest.toString()) return { sha256: Digest.sha256(only.sha256) };
      if (known?.startsWith(`${digest.algorithm}:`)) await this.#refuse(session, digest, known);
    }
    const whole =
      parts.length === 0 && last
        ? last
        : await this.#context.store.stage(this.#read(parts, last), { digests: [digest.algorithm] });
    const found = await whole.digest(digest.algorithm);
    if (found.equals(digest)) return whole;
    if (whole !== last) await whole.discard();
    return this.#refuse(session, digest, found.toString());
  }

  /** Parts that cannot be read are lost, unless somebody else has ended the upload meanwhile. */
  async #explain(error: unknown, { id }: UploadSession): Promise<never> {
    const isRefused = error instanceof PackyardError && error.code === 'digest_mismatch';
    if (!isRefused && !(await findUploadSession(this.#context.database.read, id))) throw ended(id);
    throw error;
  }

  async *#read(parts: readonly PartRow[], last: StagedObject | undefined): ByteSource {
    for (const part of parts) {
      const body = await this.#context.store.open(part.storage_key);
      yield* body instanceof Blob ? body.stream() : body;
    }
    if (last) yield* createReadStream(last.path, { highWaterMark: 1 << 18 });
  }

  /** What arrived is not what was announced: nobody can make something of it. */
  async #refuse(session: UploadSession, expected: Digest, found: string): Promise<never> {
    await this.cancel(session).catch(() => {});
    throw new PackyardError('digest_mismatch', `the blob arrived with ${found}, announced was ${expected}`, {
      hint: 'nothing was stored; begin the upload again',
      details: { expected: expected.toString(), found },
    });
  }

  /** Bytes of parts that nobody needs any more. What stays behind is collected later. */
  async #drop(parts: readonly PartRow[]): Promise<void> {
    const { database, store } = this.#context;
    if (parts.length === 0 || !deletesObjects(store)) return;
    try {
      const ids = [...new Set(parts.map((part) => part.blob_id))];
      const gone = await database.write((trx) => deleteBlobsOfNobody(trx, ids), { repeatable: true });
      for (const { storageKey } of gone) await store.delete(storageKey);
    } catch {
      // The upload has ended as it should, whatever becomes of the rest.
    }
  }
}

function belongs(row: UploadSessionRow | undefined, target: BlobTarget): row is UploadSessionRow {
  return row?.package === target.package && (target.repositoryId === 0 || row.repository_id === target.repositoryId);
}

function toSession(row: UploadSessionRow): UploadSession {
  return { id: row.id, size: row.size, algorithm: row.algorithm as DigestAlgorithm };
}

function ended(id: string): PackyardError {
  return notFound(`there is no upload ${id}`, {
    hint: 'it has ended, was cancelled or has expired: begin a new one',
    details: { upload: id },
  });
}

function moved(size: number): PackyardError {
  return new PackyardError('conflict', 'another request has added to this upload meanwhile', {
    hint: 'ask for its state and go on from there',
    details: { uploadSize: size },
  });
}
