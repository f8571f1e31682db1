import type { DigestAlgorithm } from './digest.ts';

/** A digest of bytes that come piece by piece, which WebCrypto cannot make. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** `sha256:<hex>`. To be called once, at the end. */
  digest(): string;
}

/** With the runtime's own `node:crypto` where there is one (Node from 20.16, Bun, Deno), else in JavaScript. */
export async function createHasher(algorithm: DigestAlgorithm): Promise<Hasher> {
  return nativeHasher(algorithm) ?? (await portableHasher(algorithm));
}

/** Asked for at run time: bundlers for browsers fail over an import of `node:crypto`. */
function nativeHasher(algorithm: DigestAlgorithm): Hasher | undefined {
  const native = globalThis.process?.getBuiltinModule?.('node:crypto')?.createHash(algorithm);
  return (
    native && { update: (bytes) => void native.update(bytes), digest: () => `${algorithm}:${native.digest('hex')}` }
  );
}

export async function portableHasher(algorithm: DigestAlgorithm): Promise<Hasher> {
  const { sha256, sha512 } = await import('@noble/hashes/sha2.js');
  const { bytesToHex } = await import('@noble/hashes/utils.js');
  const hash = (algorithm === 'sha256' ? sha256 : sha512).create();
  return { update: (bytes) => void hash.update(bytes), digest: () => `${algorithm}:${bytesToHex(hash.digest())}` };
}

/** The digest of bytes that are all there. */
export async function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Promise<string> {
  const hasher = await createHasher(algorithm);
  hasher.update(bytes);
  return hasher.digest();
}
