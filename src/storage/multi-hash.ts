import { Digest, type DigestAlgorithm } from '../model/digest.ts';

interface Hasher {
  update(chunk: Uint8Array): void;
  digest(): Digest;
}

/** One running digest. Bun's own hashers use the processor's SHA instructions; BLAKE2b-256 it has under another name. */
export function hasherFor(algorithm: DigestAlgorithm): Hasher {
  const name = algorithm === 'blake2b256' ? 'blake2b256' : algorithm;
  const native = new Bun.CryptoHasher(name);
  return {
    update: (chunk) => void native.update(chunk),
    digest: () => Digest.fromHex(algorithm, native.digest('hex')),
  };
}

/** Several digests in one pass over the bytes. */
export class MultiHash {
  readonly #hashers: Map<DigestAlgorithm, Hasher>;

  constructor(algorithms: readonly DigestAlgorithm[]) {
    this.#hashers = new Map(algorithms.map((algorithm) => [algorithm, hasherFor(algorithm)]));
  }

  update(chunk: Uint8Array): void {
    for (const hasher of this.#hashers.values()) hasher.update(chunk);
  }

  finish(): Map<DigestAlgorithm, Digest> {
    return new Map([...this.#hashers].map(([algorithm, hasher]) => [algorithm, hasher.digest()]));
  }
}
