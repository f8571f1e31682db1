import type { Key, PrivateKey } from 'openpgp';
import { invalid } from '../../model/errors.ts';

/** Kinds of keys that can be made; every client of apt and rpm takes RSA. */
export const KEY_ALGORITHMS = ['rsa4096', 'rsa3072', 'rsa2048', 'ed25519'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

export interface KeyPair {
  /** 40 hexadecimal digits, upper case, as tools show it. */
  readonly fingerprint: string;
  readonly publicKey: string;
  /** Armored and without a passphrase: to be encrypted at once. */
  readonly privateKey: string;
}

/** Milliseconds by which a new key is dated back, so that signatures of a server whose clock is behind are not older than it. */
const DATED_BACK = 3_600_000;
/** Bits; what apt and rpm still trust. */
const LEAST_RSA = 2048;

/** Loaded when the first key is made or used. */
const load = () => import('openpgp');

/**
 * Makes an OpenPGP version 4 key (RFC 4880): version 6 keys are unknown to apt and rpm. Takes a second or two for RSA.
 * @param name whom the key belongs to
 */
export async function generateKeyPair(name: string, algorithm: KeyAlgorithm, now: number): Promise<KeyPair> {
  const openpgp = await load();
  const kind =
    algorithm === 'ed25519'
      ? ({ type: 'ecc', curve: 'ed25519Legacy' } as const)
      : ({ type: 'rsa', rsaBits: Number(algorithm.slice(3)) } as const);
  const { privateKey } = await openpgp.generateKey({
    ...kind,
    userIDs: [{ name }],
    date: new Date(now - DATED_BACK),
    // Nothing is ever encrypted to it.
    subkeys: [],
    format: 'object',
    config: { v6Keys: false },
  });
  return toPair(privateKey);
}

/**
 * Reads a secret key as `gpg --export-secret-keys` writes it, armored or not.
 * @throws PackyardError `invalid_request` for what is no such key, a wrong passphrase, or a key that clients would not trust
 */
export async function importKeyPair(bytes: Uint8Array, passphrase: string | undefined): Promise<KeyPair> {
  const openpgp = await load();
  const key = await readPrivateKey(bytes);
  const open = key.isDecrypted() ? key : await unlock(key, passphrase);
  const expires = await open.getExpirationTime();
  if (expires !== Number.POSITIVE_INFINITY && (expires === null || Number(expires) < Date.now())) {
    throw invalid('the key has expired or is not valid', {
      hint: 'extend it with gpg --edit-key … expire, export it again',
    });
  }
  let signing: Key | { getAlgorithmInfo(): { algorithm: string; bits?: number; curve?: string } };
  try {
    signing = (await open.getSigningKey()) as typeof signing;
  } catch (cause) {
    throw invalid('the key cannot sign', { hint: 'export a key that gpg shows with [S] or [SC]', cause });
  }
  requireTrusted(signing.getAlgorithmInfo());
  if (open.keyPacket.version !== 4) {
    throw invalid(`the key is an OpenPGP version ${open.keyPacket.version} key`, {
      hint: 'apt and rpm know version 4 only',
    });
  }
  void openpgp;
  return toPair(open);
}

function requireTrusted({ algorithm, bits, curve }: { algorithm: string; bits?: number; curve?: string }): void {
  if (algorithm.startsWith('rsa') && (bits ?? 0) < LEAST_RSA)
    throw invalid(`the key has ${bits} bits`, { hint: `apt trusts RSA keys of ${LEAST_RSA} bits or more` });
  const known = algorithm.startsWith('rsa') || algorithm === 'eddsaLegacy' || algorithm === 'ecdsa';
  if (!known)
    throw invalid(`the key signs with ${algorithm}${curve ? ` (${curve})` : ''}, which apt and rpm do not know`, {
      hint: 'use an RSA key, or ed25519 as gpg makes it',
    });
}

async function readPrivateKey(bytes: Uint8Array): Promise<PrivateKey> {
  const openpgp = await load();
  const isArmored = Buffer.from(bytes.subarray(0, 200)).toString('latin1').includes('-----BEGIN PGP');
  try {
    return isArmored
      ? await openpgp.readPrivateKey({ armoredKey: Buffer.from(bytes).toString('utf8') })
      : await openpgp.readPrivateKey({ binaryKey: bytes });
  } catch (cause) {
    throw invalid('this is not an OpenPGP secret key', {
      hint: 'gpg --armor --export-secret-keys KEY > key.asc',
      cause,
    });
  }
}

async function unlock(key: PrivateKey, passphrase: string | undefined): Promise<PrivateKey> {
  const openpgp = await load();
  if (passphrase === undefined) throw invalid('the key has a passphrase', { hint: 'give it as well' });
  try {
    return await openpgp.decryptKey({ privateKey: key, passphrase });
  } catch (cause) {
    throw invalid('the passphrase does not open the key', { cause });
  }
}

function toPair(key: PrivateKey): KeyPair {
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    publicKey: key.toPublic().armor(),
    privateKey: key.armor(),
  };
}
