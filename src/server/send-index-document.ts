import type { SendIndexOptions } from '../formats/format.ts';
import type { IndexDocument } from '../registry/indexes/generation.ts';
import { parseByteRange, UnsatisfiableRange } from './byte-range.ts';
import { matchesEtag, rangeIsCurrent } from './conditions.ts';
import { originOf } from './origin.ts';

/** A year: an address that contains the digest never has other bytes. */
const FOR_EVER = 'max-age=31536000, immutable';
const ASK_ALWAYS = 'max-age=0, must-revalidate';

/**
 * Answers GET for a document of an index: 200, 206, 304, 416. The ETag is the sha256. `If-Modified-Since` counts only with
 * exactly the time that was sent before, since two states can be younger than a second.
 */
export async function sendIndexDocument(
  request: Request,
  document: IndexDocument,
  { contentType, lastModified, immutable }: SendIndexOptions,
): Promise<Response> {
  const etag = `"${document.sha256}"`;
  const headers: Record<string, string> = {
    etag,
    'accept-ranges': 'bytes',
    'cache-control': immutable ? FOR_EVER : ASK_ALWAYS,
    'content-type': contentType,
    'content-disposition': 'inline',
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  };
  if (lastModified !== undefined) headers['last-modified'] = new Date(lastModified * 1000).toUTCString();
  if (isUnchanged(request.headers, etag, lastModified)) return new Response(null, { status: 304, headers });

  const { isHead } = originOf(request);
  let range: { readonly start: number; readonly end: number } | undefined;
  // RFC 9110, section 14.2: ranges are for GET alone.
  if (!isHead && rangeIsCurrent(request.headers.get('if-range'), etag, (lastModified ?? Number.NaN) * 1000)) {
    try {
      range = parseByteRange(request.headers.get('range'), document.size);
    } catch (error) {
      if (!(error instanceof UnsatisfiableRange)) throw error;
      return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${error.size}` } });
    }
  }
  if (range) headers['content-range'] = `bytes ${range.start}-${range.end - 1}/${document.size}`;
  headers['content-length'] = String(range ? range.end - range.start : document.size);
  const status = range ? 206 : 200;
  if (isHead) return new Response(null, { status, headers });
  return new Response(await document.open(range), { status, headers });
}

/** RFC 9110, 13.1.3: the time does not count beside an ETag. */
function isUnchanged(headers: Headers, etag: string, lastModified: number | undefined): boolean {
  const etags = headers.get('if-none-match');
  if (etags !== null) return matchesEtag(etags, etag);
  const since = headers.get('if-modified-since');
  return since !== null && lastModified !== undefined && Date.parse(since) === lastModified * 1000;
}
