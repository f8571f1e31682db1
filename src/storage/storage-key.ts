import { randomBytes } from 'node:crypto';
import type { Digest } from '../model/digest.ts';
import { notFound } from '../model/errors.ts';

/** The layout's version is part of every key, so that a later layout can live beside this one. */
export const LAYOUT = 'blobs-v1';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz012345';

/**
 * A key that nobody else has and that tells the digest of its bytes: `blobs-v1/sha256/ab/abcd…-k3x0pq…`. Because no two
 * uploads share a key, whoever removes one can never take away what another upload counts on. Older keys have no suffix.
 */
export function newStorageKey(sha256: Digest): string {
  const suffix = Array.from(randomBytes(12), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return `${LAYOUT}/sha256/${sha256.hex.slice(0, 2)}/${sha256.hex}-${suffix}`;
}

/** Returns the key. @throws PackyardError `not_found` for what cannot be one, whatever it would mean to a file system */
export function checkStorageKey(key: string): string {
  if (!/^[a-z0-9-]+(\/[a-z0-9-]+)+$/.test(key)) throw notFound(`not a storage key: ${key}`);
  return key;
}

/** The sha256 of the bytes under a key, in hexadecimal digits; undefined where it is no key of a blob. */
export function digestOfKey(key: string): string | undefined {
  return /^blobs-v1\/sha256\/[0-9a-f]{2}\/([0-9a-f]{64})(?:-[a-z0-9]+)?$/.exec(key)?.[1];
}
