import type { SendFileOptions } from '../formats/format.ts';
import { PackyardError } from '../model/errors.ts';
import type { ByteRange, Repository, ServedFile } from '../registry/model.ts';
import type { Registry } from '../registry/registry.ts';
import { parseByteRange, UnsatisfiableRange } from './byte-range.ts';
import { matchesEtag, rangeIsCurrent } from './conditions.ts';
import { noteRecipe } from './hot-answers.ts';
import { originOf } from './origin.ts';
import type { Redirects } from './redirects.ts';

/** A file can be deleted and its name used again, so clients ask each time; with the ETag that costs them nothing. */
const CACHE_CONTROL = 'max-age=0, must-revalidate';

/**
 * Bun sends streams without a length, which some clients cannot do without. So what comes from the object store as a stream and is
 * not longer than this many bytes is read first.
 */
const SHORT = 1024 * 1024;

export interface FileSender {
  readonly registry: Registry;
  readonly redirects: Redirects;
}

/**
 * Answers GET for a stored file: 200, 206, 304, 416, or 307 to where the store itself gives it. For HEAD, which comes as GET
 * (see `handle.ts`), nothing is opened. The ETag is the sha256; `Repr-Digest` (RFC 9530) is on every answer, `Content-Digest`
 * only where the content is the whole file.
 */
export async function sendFile(
  { registry, redirects }: FileSender,
  request: Request,
  repository: Repository,
  file: ServedFile,
  options: SendFileOptions = {},
): Promise<Response> {
  if (file.packageStatus === 'quarantined') {
    throw new PackyardError('forbidden', `${file.package} is quarantined: its files are not offered`);
  }
  const etag = `"${options.etag ?? file.sha256.hex}"`;
  const digest = `sha-256=:${file.sha256.base64}:`;
  const headers: Record<string, string> = {
    etag,
    'accept-ranges': 'bytes',
    'cache-control': CACHE_CONTROL,
    'last-modified': new Date(file.publishedAt).toUTCString(),
    'x-checksum-sha256': file.sha256.hex,
    'repr-digest': digest,
    'content-type': options.contentType ?? 'application/octet-stream',
    // Bun would name the file as it is called in the storage folder.
    'content-disposition': disposition(options.downloadName),
    // The bytes are strangers' and share an origin with the pages: a browser must not run them.
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
    ...options.headers,
  };
  if (matchesEtag(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers });

  const { address, isHead } = originOf(request);
  let range: ByteRange | undefined;
  // RFC 9110, section 14.2: ranges are for GET alone.
  if (!isHead && rangeIsCurrent(request.headers.get('if-range'), etag, file.publishedAt)) {
    try {
      range = parseByteRange(request.headers.get('range'), file.size);
    } catch (error) {
      if (!(error instanceof UnsatisfiableRange)) throw error;
      return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${error.size}` } });
    }
  }
  if (range) headers['content-range'] = `bytes ${range.start}-${range.end - 1}/${file.size}`;
  else headers['content-digest'] = digest;
  headers['content-length'] = String(range ? range.end - range.start : file.size);
  const status = range ? 206 : 200;
  if (isHead) return new Response(null, { status, headers });
  const location = options.neverRedirect
    ? undefined
    : await redirects.addressOf(file, { repository, address, headers });
  if (location !== undefined) return redirectTo(location, file);
  const opened = registry.openFile(file, range);
  const body = await opened;
  const isWhole = body instanceof Blob || !(options.needsLength || Number(headers['content-length']) <= SHORT);
  const response = new Response(isWhole ? body : await readBytes(body, request.signal), { status, headers });
  // Worth repeating is only what lies in memory: anything else takes its time in any case.
  if (range || opened instanceof Promise) return response;
  return noteRecipe(request, response, { file, headers: new Headers(headers) });
}

/** All of a stream, or as much as comes while somebody wants it. */
async function readBytes(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    if (signal.aborted) break;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** The address is for this client and this moment: nobody may keep it. */
function redirectTo(location: string, file: ServedFile): Response {
  return new Response(null, {
    status: 307,
    headers: {
      location,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-checksum-sha256': file.sha256.hex,
      'x-content-type-options': 'nosniff',
    },
  });
}

/** RFC 6266, with the name in both forms; `inline` without one. */
function disposition(name: string | undefined): string {
  if (name === undefined) return 'inline';
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  return ascii === name
    ? `attachment; filename="${ascii}"`
    : `attachment; filename="${ascii}"; filename*=UTF-8''${encodeRfc8187(name)}`;
}

function encodeRfc8187(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
