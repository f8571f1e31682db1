import { invalid } from './errors.ts';

/** Hexadecimal lengths of the digests that some format asks for. `blake2b256` is PyPI's `blake2_256_digest`. */
const HEX_LENGTH = { md5: 32, sha1: 40, sha256: 64, sha512: 128, blake2b256: 64 } as const;

export type DigestAlgorithm = keyof typeof HEX_LENGTH;

/** A checked digest: algorithm and lower-case hexadecimal value. Bytes are named by their sha256. */
export class Digest {
  readonly algorithm: DigestAlgorithm;
  readonly hex: string;

  private constructor(algorithm: DigestAlgorithm, hex: string) {
    this.algorithm = algorithm;
    this.hex = hex;
  }

  /**
   * Reads a hexadecimal digest as people and tools write it.
   * @throws PackyardError `invalid_request` when the text is not hexadecimal of the right length.
   */
  static fromHex(algorithm: DigestAlgorithm, text: string): Digest {
    const hex = text.trim().toLowerCase();
    if (hex.length !== HEX_LENGTH[algorithm] || !/^[0-9a-f]+$/.test(hex)) {
      throw invalid(`not a ${algorithm} digest: expected ${HEX_LENGTH[algorithm]} hexadecimal characters`);
    }
    return new Digest(algorithm, hex);
  }

  static sha256(hex: string): Digest {
    return Digest.fromHex('sha256', hex);
  }

  get base64(): string {
    return Buffer.from(this.hex, 'hex').toString('base64');
  }

  equals(other: Digest): boolean {
    return this.algorithm === other.algorithm && this.hex === other.hex;
  }

  /** `sha256:0123…`, the way OCI writes it. */
  toString(): string {
    return `${this.algorithm}:${this.hex}`;
  }
}
