import { digestOf } from '../oci/hasher.ts';
import { DXFUnexpectedDigestMethodError } from './dxf-errors.ts';

/** `sha256:<hex>` of bytes. */
export function hashBytes(bytes: Uint8Array | string): Promise<string> {
  return digestOf(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
}

/** @throws DXFUnexpectedDigestMethodError unless it is a sha256 digest */
export function splitDigest(digest: string): readonly [method: string, hex: string] {
  const [method = '', hex = ''] = digest.split(':');
  if (method !== 'sha256') throw new DXFUnexpectedDigestMethodError(method, 'sha256');
  return [method, hex];
}

/** The first versions of dxf wrote sha256 digests without `sha256:`. */
export function fullDigest(digest: string): string {
  return /^[0-9a-f]{64}$/.test(digest) ? `sha256:${digest}` : digest;
}
