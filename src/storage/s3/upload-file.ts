import { stat } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
} from '@aws-sdk/client-s3';
import { Digest } from '../../model/digest.ts';
import type { Content, S3Connection } from './s3-connection.ts';
import { S3Failure } from './s3-failure.ts';
import { withRetries } from './with-retries.ts';

/** Up to this size a file goes in one request. */
const SINGLE = 16 * 1024 * 1024;
/** The smallest part that is sent; S3 allows 5 MiB and more. */
const PART = 16 * 1024 * 1024;
/** S3 takes no more parts than this for one object. */
const MOST_PARTS = 10_000;
const PARTS_AT_ONCE = 3;
/** Milliseconds. Some stores put thousands of parts together before they answer. */
const COMPLETE_WITHIN = 10 * 60_000;

export interface LocalFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: Digest;
}

/**
 * Sends a file to where it stays: nothing is copied afterwards. Every request says the digest of its bytes, which the store
 * compares; in the end the size is asked for. Parts are slices of the file, so memory does not grow with them.
 * @throws S3Failure; then no parts are left, unless the store is out of reach for that as well
 */
export async function uploadFile(connection: S3Connection, key: string, file: LocalFile): Promise<void> {
  if ((await stat(file.path)).size !== file.size) throw new Error('the staged file has another size than it had');
  if (file.size <= SINGLE) await put(connection, { key, content: { body: Bun.file(file.path), sha256: file.sha256 } });
  else await uploadParts(connection, key, file);
  const stored = await sizeOf(connection, key);
  if (stored !== file.size)
    throw new S3Failure(`the store has ${stored ?? 'none'} of ${file.size} bytes`, { status: 502 });
}

/** Bytes; undefined: it is not there. */
export async function sizeOf(connection: S3Connection, key: string): Promise<number | undefined> {
  try {
    const answer = await withRetries(connection.retries, () => connection.request({ method: 'HEAD', key }));
    return Number(answer.headers.get('content-length'));
  } catch (error) {
    if (error instanceof S3Failure && error.status === 404 && error.code !== 'NoSuchBucket') return undefined;
    throw error;
  }
}

interface Piece {
  readonly key: string;
  readonly content: Content;
  readonly query?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

async function put(connection: S3Connection, piece: Piece): Promise<Response> {
  return withRetries(connection.retries, () => connection.request({ method: 'PUT', ...piece }), piece.signal);
}

async function uploadParts(connection: S3Connection, key: string, file: LocalFile): Promise<void> {
  const place = { Bucket: connection.bucket, Key: connection.objectKey(key) };
  const begin = new CreateMultipartUploadCommand({ ...place, ChecksumAlgorithm: 'SHA256' });
  const { UploadId: id = '' } = await connection.call((client) => client.send(begin));
  const upload = { ...place, UploadId: id };
  try {
    const parts = await sendParts(connection, { key, file, id });
    const complete = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: [...parts] } });
    await connection
      .call((client) => client.send(complete, { requestTimeout: COMPLETE_WITHIN }))
      .catch(async (error: unknown) => {
        // An answer that was lost: the upload is no more, because it is complete.
        const isGone = error instanceof S3Failure && error.code === 'NoSuchUpload';
        if (!isGone || (await sizeOf(connection, key)) !== file.size) throw error;
      });
  } catch (error) {
    await connection.call((client) => client.send(new AbortMultipartUploadCommand(upload))).catch(() => {});
    throw error;
  }
}

async function sendParts(
  connection: S3Connection,
  { key, file, id }: { readonly key: string; readonly file: LocalFile; readonly id: string },
): Promise<readonly CompletedPart[]> {
  const size = partSize(file.size);
  const whole = new Bun.CryptoHasher('sha256');
  const parts: CompletedPart[] = [];
  const sending = new Set<Promise<void>>();
  const stop = new AbortController();
  try {
    for (let start = 0, number = 1; start < file.size; start += size, number += 1) {
      const body = Bun.file(file.path).slice(start, Math.min(start + size, file.size));
      const sha256 = await digestOf(body, whole);
      const query = { partNumber: String(number), uploadId: id };
      const one = put(connection, { key, content: { body, sha256 }, query, signal: stop.signal }).then((answer) => {
        const tag = answer.headers.get('etag') ?? '';
        parts[number - 1] = { PartNumber: number, ETag: tag, ChecksumSHA256: sha256.base64 };
        sending.delete(one);
      });
      // The failure is taken up below; until then it must not count as unhandled.
      one.catch(() => {});
      sending.add(one);
      if (sending.size >= PARTS_AT_ONCE) await Promise.race(sending);
    }
    await Promise.all(sending);
  } catch (error) {
    // A part that arrives after the upload was given up would stay for ever.
    stop.abort();
    await Promise.allSettled(sending);
    throw error;
  }
  if (whole.digest('hex') !== file.sha256.hex) throw new Error('the staged file has changed while it was sent');
  return parts;
}

/** Grows with the file, so that the number of parts always suffices. Bytes. */
function partSize(fileSize: number): number {
  const MIB = 1024 * 1024;
  return Math.max(PART, Math.ceil(fileSize / MOST_PARTS / MIB) * MIB);
}

async function digestOf(body: Blob, whole: Bun.CryptoHasher): Promise<Digest> {
  const part = new Bun.CryptoHasher('sha256');
  for await (const bytes of body.stream()) {
    part.update(bytes);
    whole.update(bytes);
  }
  return Digest.sha256(part.digest('hex'));
}
