import { gzipSync } from 'node:zlib';
import type { SendDocumentOptions } from '../formats/format.ts';
import type { RenderedDocument } from '../registry/document-cache.ts';
import { matchesEtag } from './conditions.ts';

/** Below this many bytes gzip saves less than its header costs. */
const GZIP_FROM = 1024;

/** Answers GET and HEAD for rendered bytes; gzip is made once for each document and kept with it. */
export function sendDocument(request: Request, document: RenderedDocument, options: SendDocumentOptions): Response {
  const zipped = document.body.byteLength >= GZIP_FROM && acceptsGzip(request.headers.get('accept-encoding'));
  const etag = zipped ? document.etag.replace(/"$/, '-gzip"') : document.etag;
  const headers = new Headers({
    'cache-control': 'max-age=0, must-revalidate',
    'content-type': options.contentType,
    ...options.headers,
  });
  headers.set('etag', etag);
  headers.append('vary', 'accept-encoding');
  if (matchesEtag(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers });
  if (zipped) {
    document.gzip ??= new Uint8Array(gzipSync(document.body, { level: 6 }));
    headers.set('content-encoding', 'gzip');
  }
  const body = zipped && document.gzip ? document.gzip : document.body;
  if (request.method === 'HEAD') {
    headers.set('content-length', String(body.byteLength));
    return new Response(null, { headers });
  }
  return new Response(body, { headers });
}

function acceptsGzip(header: string | null): boolean {
  if (!header) return false;
  return header.split(',').some((part) => {
    const [coding = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    return (coding === 'gzip' || coding === '*') && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}
