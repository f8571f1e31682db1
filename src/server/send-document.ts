import { gzipSync } from 'node:zlib';
import type { SendDocumentOptions } from '../formats/format.ts';
import type { RenderedDocument } from '../registry/document-cache.ts';
import { matchesEtag } from './conditions.ts';

/** Below this many bytes gzip saves less than its header costs. */
const GZIP_FROM = 1024;

/** Answers GET for rendered bytes (HEAD comes as GET, see `handle.ts`); gzip is made once for each document and kept with it. */
export function sendDocument(request: Request, document: RenderedDocument, options: SendDocumentOptions): Response {
  const zipped = document.body.byteLength >= GZIP_FROM && acceptsGzip(request.headers.get('accept-encoding'));
  const etag = zipped ? document.etag.replace(/"$/, '-gzip"') : document.etag;
  const headers = new Headers({
    'cache-control': 'max-age=0, must-revalidate',
    'content-type': options.contentType,
    // Documents hold what packages say of themselves: a browser must not guess that it is something to run.
    'x-content-type-options': 'nosniff',
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
  headers.set('content-length', String(body.byteLength));
  return new Response(body, { headers });
}

/** RFC 9110, 12.5.3: what names gzip counts, and `*` only where nothing does. */
function acceptsGzip(header: string | null): boolean {
  const qualities = new Map<string, number>();
  for (const member of header?.toLowerCase().split(',') ?? []) {
    const [coding = '', ...parameters] = member.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    qualities.set(coding, weight === undefined ? 1 : parseWeight(weight));
  }
  return (qualities.get('gzip') ?? qualities.get('x-gzip') ?? qualities.get('*') ?? 0) > 0;
}

/** From 0 to 1 with at most three decimals; nonsense counts as unwelcome. */
function parseWeight(text: string): number {
  return /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
