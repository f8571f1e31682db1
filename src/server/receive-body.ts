import { Digest, type DigestAlgorithm } from '../model/digest.ts';
import { invalid, PackyardError } from '../model/errors.ts';
import type { ByteSource, StagedObject, StageOptions } from '../registry/model.ts';
import type { Registry } from '../registry/registry.ts';

/** Field names of RFC 9530 that can be checked; others are for other servers. */
const HTTP_ALGORITHMS: ReadonlyMap<string, DigestAlgorithm> = new Map([
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
]);

/**
 * Receives a request's body as it is, and checks it against `X-Checksum-Sha256`, `Repr-Digest` and `Content-Digest`.
 * @throws PackyardError `digest_mismatch`, `client_closed`, `too_large`, `storage_full`, `invalid_request`
 */
export async function receiveBody(
  registry: Registry,
  request: Request,
  { maxSize, digests = [] }: { readonly maxSize?: number; readonly digests?: readonly DigestAlgorithm[] } = {},
): Promise<StagedObject> {
  refusePartsAndCodings(request);
  const expected = expectedDigests(request.headers);
  const staged = await registry.stage(fromClient(request), {
    maxSize,
    owned: true,
    digests: [...new Set([...digests, ...expected.map((digest) => digest.algorithm)])].filter(
      (algorithm) => algorithm !== 'sha256',
    ),
  } satisfies StageOptions);
  try {
    for (const digest of expected) await requireDigest(staged, digest);
    return staged;
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

/** @throws PackyardError `digest_mismatch` */
export async function requireDigest(staged: StagedObject, expected: Digest): Promise<void> {
  const found = await staged.digest(expected.algorithm);
  if (found.equals(expected)) return;
  throw new PackyardError('digest_mismatch', `the file arrived with ${found}, announced was ${expected}`, {
    hint: 'nothing was stored; send it again',
    details: { expected: expected.toString(), found: found.toString() },
  });
}

/** A body's bytes; that the client went away is told apart from our own failures. */
export async function* fromClient(request: Request): ByteSource {
  if (!request.body) return;
  try {
    yield* request.body;
  } catch (error) {
    throw new PackyardError('client_closed', 'the client went away before the upload was complete', { cause: error });
  }
}

function refusePartsAndCodings(request: Request): void {
  if (request.headers.has('content-range')) {
    throw invalid('a part of a file cannot be uploaded', { hint: 'send the whole file, without Content-Range' });
  }
  const coding = request.headers.get('content-encoding');
  if (coding && coding.toLowerCase() !== 'identity') {
    throw invalid(`Content-Encoding ${coding} is not taken`, { hint: 'send the file as it is to be stored' });
  }
}

function expectedDigests(headers: Headers): Digest[] {
  const checksum = headers.get('x-checksum-sha256');
  return [
    ...(checksum === null ? [] : [Digest.fromHex('sha256', checksum)]),
    ...parseDigestField(headers.get('repr-digest')),
    ...parseDigestField(headers.get('content-digest')),
  ];
}

/** RFC 9530: a dictionary of byte sequences, `sha-256=:<base64>:`. */
function parseDigestField(field: string | null): Digest[] {
  if (field === null) return [];
  return field.split(',').flatMap((member) => {
    const [, name = '', value = ''] = member.match(/^\s*([a-z0-9*._-]+)=:([A-Za-z0-9+/=]*):\s*(?:;.*)?$/) ?? [];
    if (name === '') throw invalid('Repr-Digest or Content-Digest is not of the form sha-256=:<base64>:');
    const algorithm = HTTP_ALGORITHMS.get(name);
    return algorithm ? [Digest.fromHex(algorithm, Buffer.from(value, 'base64').toString('hex'))] : [];
  });
}
