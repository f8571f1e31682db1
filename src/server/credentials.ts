import { PackyardError } from '../model/errors.ts';

/**
 * The secret in an `Authorization` header: a Bearer token, or Basic authentication's password with any user name. Where a
 * client can only send one word, the user name may be the token (`https://TOKEN@host/`). Undefined without the header, and
 * where both are empty: clients of registries log in so when they have nothing to log in with.
 * @throws PackyardError `unauthenticated` when the header cannot be read
 */
export function readSecret(header: string | null): string | undefined {
  if (header === null) return undefined;
  const trimmed = header.trim();
  const blank = trimmed.search(/\s/);
  const scheme = blank < 0 ? '' : trimmed.slice(0, blank).toLowerCase();
  const value = blank < 0 ? '' : trimmed.slice(blank).trim();
  const isOneWord = value !== '' && !/\s/.test(value);
  if (scheme === 'bearer' && isOneWord) return value;
  if (scheme === 'basic' && isOneWord) {
    const text = Buffer.from(value, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon >= 0) return text.slice(colon + 1) || text.slice(0, colon) || undefined;
  }
  throw new PackyardError('unauthenticated', 'the Authorization header is neither Basic nor Bearer', {
    hint: 'send a token as the password of Basic authentication, or as Bearer token',
  });
}
