import { PackyardError } from '../model/errors.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses changes that a page of another site asks a browser to make: the browser would add the credentials that it keeps for
 * this server. Command-line clients send neither header.
 * @param publicOrigin finds the server's own origin, as this client sees it
 * @throws PackyardError `forbidden`
 */
export function refuseCrossSite(request: Request, publicOrigin: () => string): void {
  if (SAFE.has(request.method)) return;
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  const foreign =
    site !== null ? site !== 'same-origin' && site !== 'none' : origin !== null && origin !== publicOrigin();
  if (!foreign) return;
  throw new PackyardError('forbidden', 'a page of another site may not change anything here', {
    hint: 'behind a proxy, set public_url to the address that the browser shows',
  });
}
