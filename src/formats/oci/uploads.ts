import type { Digest } from '../../model/digest.ts';
import { invalid, PackyardError } from '../../model/errors.ts';
import type { Repository } from '../../registry/model.ts';
import type { UploadSession } from '../../registry/upload-sessions.ts';
import type { FormatContext } from '../format.ts';
import { openImage, placeOf, type Request, targetOf } from './request.ts';
import { type ImageName, parseDigest, parseName } from './version.ts';

/** Where an upload stands: what the client is told after each step. */
export interface UploadState {
  readonly id: string;
  readonly location: string;
  readonly size: number;
}

/** What became of a request that can end an upload or begin one. */
export type UploadOutcome = { readonly stored: Digest } | { readonly session: UploadState };

/** Places that are looked at before an anonymous mount is given up. */
const MOST_PLACES = 1000;
/** `0-1023`; some clients write it as in RFC 9110. */
const CONTENT_RANGE = /^(?:bytes[ =])?(\d{1,16})-(\d{1,16})(?:\/(?:\d+|\*))?$/;

/** POST: mounts a blob, takes it whole, or begins an upload. */
export async function beginUpload(context: FormatContext, c: Request, image: ImageName): Promise<UploadOutcome> {
  const repository = await openImage(context, c, image, 'write');
  const mount = c.req.query('mount');
  if (mount !== undefined) {
    const digest = parseDigest(mount);
    if (await mountBlob(context, c, image, repository, digest)) return { stored: digest };
  }
  const whole = c.req.query('digest');
  if (mount === undefined && whole !== undefined) {
    const digest = parseDigest(whole);
    await takeWhole(context, c, image, repository, digest);
    return { stored: digest };
  }
  const algorithm = c.req.query('digest-algorithm') ?? 'sha256';
  if (algorithm !== 'sha256' && algorithm !== 'sha512')
    throw invalid(`${JSON.stringify(algorithm)} is not a digest algorithm that is known here`, {
      hint: 'use sha256 or sha512',
      details: { oci: 'DIGEST_INVALID' },
    });
  const session = await context.registry.uploads.begin(targetOf(c, image, repository), algorithm);
  return { session: stateOf(image, session) };
}

/** PATCH: adds bytes at the end. What had arrived when the client went away counts. */
export async function continueUpload(
  context: FormatContext,
  c: Request,
  image: ImageName,
  id: string,
): Promise<UploadState> {
  const { repository, session } = await openSession(context, c, image, id);
  const { staged, broken } = await receiveNext(context, c, image, session);
  try {
    const after = await append(context, c, image, { repository, session }, staged);
    if (broken) throw broken;
    return stateOf(image, after);
  } finally {
    await staged.discard();
  }
}

/** PUT: ends an upload, with or without bytes of its own. One that has ended in this way already has done so again. */
export async function finishUpload(context: FormatContext, c: Request, image: ImageName, id: string): Promise<Digest> {
  const digest = parseDigest(c.req.query('digest') ?? '');
  const repository = await openImage(context, c, image, 'write');
  const target = targetOf(c, image, repository);
  const isThere = async () => (await context.registry.blob(repository, image.name, digest.toString())) !== undefined;
  const session = await context.registry.uploads.find(target, id);
  if (!session) {
    // The answer to the first PUT was lost, and the client asks again.
    if (await isThere()) return digest;
    throw noUpload(id);
  }
  const { staged, broken } = await receiveNext(context, c, image, session, digest);
  try {
    if (broken) {
      await append(context, c, image, { repository, session }, staged);
      throw broken;
    }
    await context.registry.uploads.finish(target, session, digest, staged);
  } catch (error) {
    if (!(await lostToTheSame(error, isThere))) throw located(error, image, id);
  } finally {
    await staged.discard();
  }
  return digest;
}

export async function uploadState(
  context: FormatContext,
  c: Request,
  image: ImageName,
  id: string,
): Promise<UploadState> {
  const { session } = await openSession(context, c, image, id);
  return stateOf(image, session);
}

export async function cancelUpload(context: FormatContext, c: Request, image: ImageName, id: string): Promise<void> {
  const { session } = await openSession(context, c, image, id);
  await context.registry.uploads.cancel(session);
}

/**
 * Makes bytes that are elsewhere this image's own, if the caller may read them there. Without `from`, wherever that is.
 * @returns false where they are not: then the client uploads them
 */
async function mountBlob(
  context: FormatContext,
  c: Request,
  image: ImageName,
  repository: Repository,
  digest: Digest,
): Promise<boolean> {
  const sha256 = await findReadable(context, c, image, digest.toString());
  if (!sha256) return false;
  try {
    await context.registry.addBlob(targetOf(c, image, repository), digest.toString(), { sha256 });
    return true;
  } catch (error) {
    // Collected meanwhile.
    if (error instanceof PackyardError && error.code === 'conflict') return false;
    throw error;
  }
}

async function findReadable(
  context: FormatContext,
  c: Request,
  image: ImageName,
  digest: string,
): Promise<Digest | undefined> {
  const { registry } = context;
  // Left empty it says as little as left out.
  const from = c.req.query('from') || undefined;
  if (from !== undefined) {
    const source = parseName(from);
    const repository = await registry.repository(source.repository, { evenEmpty: true });
    if (!repository) return undefined;
    const { visibility, ref } = repository;
    if (!context.allows(c.var.principal, 'read', { ref, visibility, within: source.within })) return undefined;
    return offered(await registry.blob(repository, source.name, digest));
  }
  let seen = 0;
  for await (const place of registry.placesOfDigest('oci', digest)) {
    if (++seen > MOST_PLACES) return undefined;
    const { ref, visibility } = place.repository;
    const within = `oci/${place.package}`;
    const isOwn = place.package === image.name;
    if (!isOwn && !context.allows(c.var.principal, 'read', { ref, visibility, within })) continue;
    const repository = await registry.repository(ref, { evenEmpty: true });
    const found = repository && offered(await registry.blob(repository, place.package, digest));
    if (found) return found;
  }
  return undefined;
}

function offered(blob: Awaited<ReturnType<FormatContext['registry']['blob']>>): Digest | undefined {
  return blob?.packageStatus === 'quarantined' ? undefined : blob?.sha256;
}

async function takeWhole(
  context: FormatContext,
  c: Request,
  image: ImageName,
  repository: Repository,
  digest: Digest,
): Promise<void> {
  const { staged, broken } = await context.receivePart(c.req.raw, { digests: furtherDigest(digest.algorithm) });
  try {
    if (broken) throw broken;
    const found = await staged.digest(digest.algorithm);
    if (!found.equals(digest))
      throw new PackyardError('digest_mismatch', `the blob arrived with ${found}, announced was ${digest}`, {
        hint: 'nothing was stored; send it again',
        details: { expected: digest.toString(), found: found.toString() },
      });
    await context.registry.addBlob(targetOf(c, image, repository), digest.toString(), staged);
  } finally {
    await staged.discard();
  }
}

interface OpenSession {
  readonly repository: Repository;
  readonly session: UploadSession;
}

async function openSession(context: FormatContext, c: Request, image: ImageName, id: string): Promise<OpenSession> {
  const repository = await openImage(context, c, image, 'write');
  const session = await context.registry.uploads.find(targetOf(c, image, repository), id);
  if (!session) throw noUpload(id);
  return { repository, session };
}

/** Receives what a request adds to an upload: the next bytes, if it says which they are. */
async function receiveNext(
  context: FormatContext,
  c: Request,
  image: ImageName,
  session: UploadSession,
  digest?: Digest,
) {
  const expected = nextSize(c, image, session);
  const received = await context.receivePart(c.req.raw, {
    digests: furtherDigest(digest?.algorithm ?? session.algorithm),
    alreadyReceived: session.size,
  });
  const { staged, broken } = received;
  if (expected !== undefined && (staged.size > expected || (!broken && staged.size < expected))) {
    await staged.discard();
    throw wrongSize(expected, staged.size);
  }
  return received;
}

/** How many bytes `Content-Range` announces. @throws PackyardError 416 where they are not the next ones */
function nextSize(c: Request, image: ImageName, session: UploadSession): number | undefined {
  const header = c.req.header('content-range');
  if (header === undefined) return undefined;
  const [, first, last] = CONTENT_RANGE.exec(header.trim()) ?? [];
  const [start, end] = [Number(first), Number(last)];
  if (first === undefined || end < start)
    throw invalid(`Content-Range ${JSON.stringify(header)} is not of the form FIRST-LAST`, {
      details: { oci: 'BLOB_UPLOAD_INVALID' },
    });
  if (start !== session.size)
    throw new PackyardError(
      'conflict',
      `the upload has ${session.size} bytes, so the next chunk cannot begin at ${start}`,
      {
        hint: 'send the chunks in order',
        details: { uploadSize: session.size, location: locationOf(image, session.id) },
      },
    );
  const length = c.req.header('content-length');
  if (length !== undefined && Number(length) !== end - start + 1) throw wrongSize(end - start + 1, Number(length));
  return end - start + 1;
}

async function append(
  context: FormatContext,
  c: Request,
  image: ImageName,
  { repository, session }: OpenSession,
  staged: Parameters<FormatContext['registry']['uploads']['append']>[2],
): Promise<UploadSession> {
  try {
    return await context.registry.uploads.append(targetOf(c, image, repository), session, staged);
  } catch (error) {
    throw located(error, image, session.id);
  }
}

/** Two requests ended the same upload with the same bytes: both have what they want. */
async function lostToTheSame(error: unknown, isThere: () => Promise<boolean>): Promise<boolean> {
  if (!(error instanceof PackyardError)) return false;
  const { upload, uploadSize } = error.details ?? {};
  return (upload !== undefined || uploadSize !== undefined) && (await isThere());
}

/** Whoever is told where an upload stands is told where it is as well. */
function located(error: unknown, image: ImageName, id: string): unknown {
  if (!(error instanceof PackyardError) || error.details?.uploadSize === undefined) return error;
  const { code, message, hint, details } = error;
  return new PackyardError(code, message, { hint, details: { ...details, location: locationOf(image, id) } });
}

function stateOf(image: ImageName, { id, size }: UploadSession): UploadState {
  return { id, size, location: locationOf(image, id) };
}

function locationOf(image: ImageName, id: string): string {
  return placeOf(image, `blobs/uploads/${id}`);
}

function furtherDigest(algorithm: Digest['algorithm']): readonly Digest['algorithm'][] {
  return algorithm === 'sha256' ? [] : [algorithm];
}

function wrongSize(expected: number, found: number): PackyardError {
  return invalid(`the chunk has ${found} bytes, but its Content-Range announces ${expected}`, {
    details: { oci: 'SIZE_INVALID' },
  });
}

function noUpload(id: string): PackyardError {
  return new PackyardError('not_found', 'there is no such upload here', {
    hint: 'it has ended, was cancelled or has expired: begin a new one',
    details: { upload: id.slice(0, 64) },
  });
}
