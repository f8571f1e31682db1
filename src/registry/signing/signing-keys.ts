import { lockRepository } from '../../database/queries/repositories.ts';
import {
  insertSigningKey,
  listSigningKeys,
  type SigningKeyRow,
  setSigningKeyRetired,
} from '../../database/queries/signing-keys.ts';
import type { Queryable } from '../../database/tables.ts';
import { notFound, PackyardError } from '../../model/errors.ts';
import { formatRepositoryRef, type RepositoryRef } from '../../model/repository-ref.ts';
import type { RegistryContext } from '../context.ts';
import { inRevision } from '../in-revision.ts';
import type { Actor, Repository } from '../model.ts';
import { generateKeyPair, importKeyPair, type KeyAlgorithm, type KeyPair } from './openpgp.ts';
import type { SecretBox } from './secret-box.ts';
import { Signer, type SigningKey } from './signer.ts';

export interface SigningOptions {
  /** Reads the secret that encrypts the keys, which is not in the database, or makes one. */
  readonly secretBox: () => Promise<SecretBox>;
  readonly algorithm: KeyAlgorithm;
  /** Which formats sign their indices. */
  readonly signs: (format: string) => boolean;
}

/** A key without its secret. */
export interface KeyRecord {
  readonly fingerprint: string;
  /** Armored. */
  readonly publicKey: string;
  readonly createdAt: number;
  readonly createdBy: string;
  /** Since when it signs no longer; undefined while it does. */
  readonly retiredAt: number | undefined;
}

/** The keys with which repositories sign their indices: each has its own from the moment at which it is made. */
export class SigningKeys {
  readonly #context: RegistryContext;
  readonly #options: SigningOptions;
  /** Opened keys by their rows' ids: opening one takes longer than signing with it. */
  readonly #opened = new Map<number, Promise<SigningKey>>();

  constructor(context: RegistryContext, options: SigningOptions) {
    this.#context = context;
    this.#options = options;
  }

  signs(format: string): boolean {
    return this.#options.signs(format);
  }

  /** Makes a key for a repository that is about to be created. It takes a second or two: before the transaction. */
  async prepare(ref: RepositoryRef): Promise<PreparedKey> {
    const pair = await generateKeyPair(
      `Packyard ${formatRepositoryRef(ref)}`,
      this.#options.algorithm,
      this.#context.now(),
    );
    return this.#prepared(pair);
  }

  /** Gives a new repository its key, in the transaction that makes it. */
  async add(trx: Queryable, repositoryId: number, key: PreparedKey, actor: string): Promise<void> {
    await insertSigningKey(trx, {
      repository_id: repositoryId,
      fingerprint: key.fingerprint,
      public_key: key.publicKey,
      private_key: key.sealed,
      created_at: this.#context.now(),
      created_by: actor,
      retired_at: null,
    });
  }

  /** All keys, the oldest first. */
  async list(repository: Repository): Promise<readonly KeyRecord[]> {
    return (await this.#rows(repository)).map(toRecord);
  }

  /** What signs the repository's indices now. One that has no key yet gets one. */
  async signer(repository: Repository): Promise<Signer> {
    let rows = await this.#rows(repository);
    if (!rows.some(isInUse)) {
      await this.#ensure(repository);
      rows = await listSigningKeys(this.#context.database.read, repository.id);
    }
    const keys = await Promise.all(rows.filter(isInUse).map((row) => this.#open(row)));
    const now = this.#context.now();
    const valid: SigningKey[] = [];
    for (const key of keys) if (!(await hasExpired(key, now))) valid.push(key);
    if (valid.length > 0) return new Signer(valid);
    const name = formatRepositoryRef(repository.ref);
    throw new PackyardError('unavailable', `every key that signs ${name} has expired`, {
      hint: `packyard key rotate ${name} makes a new one`,
    });
  }

  /** Adds a new key, with which everything is signed from now on, beside the present ones or in their place. */
  async rotate(repository: Repository, actor: Actor, options: { readonly retireOthers: boolean }): Promise<KeyRecord> {
    return this.#introduce(repository, await this.prepare(repository.ref), actor, options.retireOthers, 'rotate');
  }

  /** The same with a key from elsewhere. @throws PackyardError `invalid_request`, `conflict` when it is there already */
  async import(
    repository: Repository,
    key: { readonly bytes: Uint8Array; readonly passphrase?: string },
    actor: Actor,
    options: { readonly retireOthers: boolean },
  ): Promise<KeyRecord> {
    const pair = await importKeyPair(key.bytes, key.passphrase);
    return this.#introduce(repository, await this.#prepared(pair), actor, options.retireOthers, 'import');
  }

  /** Lets a key sign no longer. @throws PackyardError `not_found`, `conflict` for the last one */
  async retire(repository: Repository, fingerprint: string, actor: Actor): Promise<void> {
    const change = {
      repository,
      actor,
      reason: `retire the key ${fingerprint}`,
      action: 'key.retire',
      subject: fingerprint,
    };
    await inRevision(this.#context, change, async (trx) => {
      const rows = await listSigningKeys(trx, repository.id);
      const row = rows.find((each) => each.fingerprint === fingerprint.toUpperCase());
      if (!row) throw notFound(`there is no key ${fingerprint} in ${formatRepositoryRef(repository.ref)}`);
      if (!rows.some((each) => each !== row && isInUse(each))) throw lastKey();
      await setSigningKeyRetired(trx, row.id, this.#context.now());
      return 1;
    });
  }

  /** A key with its secret, armored and without a passphrase. @throws PackyardError `not_found` */
  async exportSecret(repository: Repository, fingerprint: string, actor: Actor): Promise<string> {
    const row = (await this.#rows(repository)).find((each) => each.fingerprint === fingerprint.toUpperCase());
    if (!row) throw notFound(`there is no key ${fingerprint} in ${formatRepositoryRef(repository.ref)}`);
    const { recordEvent } = await import('../context.ts');
    const at = this.#context.now();
    await this.#context.database.write((trx) =>
      recordEvent(trx, { action: 'key.export', actor, at, repository: repository.ref, subject: row.fingerprint }),
    );
    return (await this.#options.secretBox()).open(row.private_key, purpose(row.fingerprint));
  }

  async #introduce(
    repository: Repository,
    key: PreparedKey,
    actor: Actor,
    retireOthers: boolean,
    verb: 'rotate' | 'import',
  ): Promise<KeyRecord> {
    const { fingerprint } = key;
    const reason = `sign with the key ${fingerprint}`;
    const change = { repository, actor, reason, action: `key.${verb}`, subject: fingerprint };
    await inRevision(this.#context, change, async (trx) => {
      const rows = await listSigningKeys(trx, repository.id);
      if (rows.some((row) => row.fingerprint === fingerprint)) {
        throw new PackyardError('conflict', `the repository has the key ${fingerprint} already`);
      }
      if (retireOthers)
        for (const row of rows.filter(isInUse)) await setSigningKeyRetired(trx, row.id, this.#context.now());
      await this.add(trx, repository.id, key, actor.name);
      return 1;
    });
    const added = (await listSigningKeys(this.#context.database.read, repository.id)).at(-1);
    if (!added) throw new Error('the key just added is not there');
    return toRecord(added);
  }

  /** A repository from before it signed. */
  async #ensure(repository: Repository): Promise<void> {
    const key = await this.prepare(repository.ref);
    await this.#context.database.write(async (trx) => {
      if ((await lockRepository(trx, repository.ref))?.id !== repository.id) return;
      if ((await listSigningKeys(trx, repository.id)).some(isInUse)) return;
      await this.add(trx, repository.id, key, 'packyard');
    });
  }

  async #prepared(pair: KeyPair): Promise<PreparedKey> {
    const box = await this.#options.secretBox();
    const { fingerprint, publicKey } = pair;
    return { fingerprint, publicKey, sealed: box.seal(pair.privateKey, purpose(fingerprint)) };
  }

  #rows(repository: Repository): Promise<SigningKeyRow[]> {
    const { cache, database } = this.#context;
    return cache.get(
      `signing-keys:${repository.id}`,
      () => listSigningKeys(database.read, repository.id),
      (rows) => rows.reduce((sum, row) => sum + row.public_key.length + row.private_key.length, 0),
    );
  }

  #open(row: SigningKeyRow): Promise<SigningKey> {
    let opened = this.#opened.get(row.id);
    if (!opened) {
      opened = this.#unseal(row);
      this.#opened.set(row.id, opened);
      opened.catch(() => this.#opened.delete(row.id));
    }
    return opened;
  }

  async #unseal({ fingerprint, public_key: publicKey, private_key: sealed }: SigningKeyRow): Promise<SigningKey> {
    const box = await this.#options.secretBox();
    const { readPrivateKey } = await import('openpgp');
    const privateKey = await readPrivateKey({ armoredKey: box.open(sealed, purpose(fingerprint)) });
    return { fingerprint, publicKey, privateKey };
  }
}

/** A key whose secret is encrypted, ready for the database. */
export interface PreparedKey {
  readonly fingerprint: string;
  readonly publicKey: string;
  readonly sealed: string;
}

/** Imported keys can expire; what they sign then is refused by everybody. */
async function hasExpired({ privateKey }: SigningKey, now: number): Promise<boolean> {
  const time = await privateKey.getExpirationTime();
  return time === null || Number(time) <= now;
}

function isInUse(row: SigningKeyRow): boolean {
  return row.retired_at === null;
}

function purpose(fingerprint: string): string {
  return `signing key ${fingerprint}`;
}

function toRecord(row: SigningKeyRow): KeyRecord {
  return {
    fingerprint: row.fingerprint,
    publicKey: row.public_key,
    createdAt: row.created_at,
    createdBy: row.created_by,
    retiredAt: row.retired_at ?? undefined,
  };
}

function lastKey(): PackyardError {
  return new PackyardError('conflict', 'this is the only key that signs', {
    hint: 'packyard key rotate adds another one first',
  });
}
