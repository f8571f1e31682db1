import { RegistryError } from './registry-error.ts';

export type DigestAlgorithm = 'sha256' | 'sha512';

const HEX_LENGTH: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha512: 128 };

export interface ParsedDigest {
  readonly algorithm: DigestAlgorithm;
  readonly hex: string;
}

/** The two parts of `sha256:<64 hex digits>` or `sha512:<128>`; undefined for any other text. */
export function readDigest(text: string): ParsedDigest | undefined {
  const [, algorithm, hex] = /^(sha256|sha512):([0-9a-f]+)$/.exec(text) ?? [];
  if (!isAlgorithm(algorithm) || hex?.length !== HEX_LENGTH[algorithm]) return undefined;
  return { algorithm, hex };
}

/** @throws RegistryError `invalid_request` */
export function parseDigest(text: string): ParsedDigest {
  const parsed = readDigest(text);
  if (parsed !== undefined) return parsed;
  throw new RegistryError('invalid_request', `not a digest: ${JSON.stringify(text)}`, {
    hint: 'write it like sha256:, followed by 64 digits 0-9 and a-f',
  });
}

function isAlgorithm(text: string | undefined): text is DigestAlgorithm {
  return text !== undefined && Object.hasOwn(HEX_LENGTH, text);
}
