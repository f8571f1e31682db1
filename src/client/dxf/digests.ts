import { DXFUnexpectedDigestMethodError } from './dxf-errors.ts';

/** `sha256:<hex>` of bytes. */
export async function hashBytes(bytes: Uint8Array | string): Promise<string> {
  const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : new Uint8Array(bytes);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return `sha256:${[...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** @throws DXFUnexpectedDigestMethodError unless it is a sha256 digest */
export function splitDigest(digest: string): readonly [method: string, hex: string] {
  const [method = '', hex = ''] = digest.split(':');
  if (method !== 'sha256') throw new DXFUnexpectedDigestMethodError(method, 'sha256');
  return [method, hex];
}
