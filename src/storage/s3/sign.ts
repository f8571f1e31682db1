import type { Digest } from '../../model/digest.ts';

/**
 * AWS Signature Version 4 for the requests that carry bytes. The SDK signs as well, but takes four times the processor time
 * for a small download, most of it in its middleware.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Signer {
  readonly credentials: Credentials;
  readonly region: string;
  /** Milliseconds since 1970, by the store's clock. */
  readonly now: number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const NO_CONTENT = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * The headers that sign a request. The digest of the content is part of them, so a store that checks refuses other bytes.
 * @param request.url with path and query encoded as `encodeKey` and `encodeQuery` do
 * @param request.sha256 of the body; left out where there is none
 */
export function signedHeaders(
  request: { readonly method: string; readonly url: URL; readonly sha256?: Digest },
  signer: Signer,
): Record<string, string> {
  const { method, url } = request;
  const { accessKeyId, sessionToken } = signer.credentials;
  const time = timestamp(signer.now);
  const sha256 = request.sha256?.hex ?? NO_CONTENT;
  // In the order of their names.
  const headers: Record<string, string> = {
    host: url.host,
    // Some stores check the one, some the other.
    ...(request.sha256 === undefined ? {} : { 'x-amz-checksum-sha256': request.sha256.base64 }),
    'x-amz-content-sha256': sha256,
    'x-amz-date': time,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = [method, url.pathname, url.search.slice(1), lines.join(''), names, sha256].join('\n');
  const signature = sign(canonical, time, signer);
  headers.authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope(time, signer)}, SignedHeaders=${names}, Signature=${signature}`;
  return headers;
}

/** An address that lets whoever has it GET the object, for so many seconds. @param query as `encodeQuery` makes it */
export function presignedUrl(
  address: { readonly url: URL; readonly query: Readonly<Record<string, string>>; readonly expiresSeconds: number },
  signer: Signer,
): string {
  const { accessKeyId, sessionToken } = signer.credentials;
  const time = timestamp(signer.now);
  const query = encodeQuery({
    ...address.query,
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${accessKeyId}/${scope(time, signer)}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(address.expiresSeconds),
    ...(sessionToken === undefined ? {} : { 'X-Amz-Security-Token': sessionToken }),
    'X-Amz-SignedHeaders': 'host',
  });
  const { host, origin, pathname } = address.url;
  const canonical = ['GET', pathname, query, `host:${host}\n`, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  return `${origin}${pathname}?${query}&X-Amz-Signature=${sign(canonical, time, signer)}`;
}

/** A key as a path, encoded once and with its slashes, as S3 wants it. */
export function encodeKey(key: string): string {
  return key.split('/').map(encode).join('/');
}

/** Parameters in the order of their names, as they are signed. */
export function encodeQuery(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** `20261121T085903Z` */
function timestamp(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

function scope(time: string, { region }: Signer): string {
  return `${time.slice(0, 8)}/${region}/s3/aws4_request`;
}

function sign(canonicalRequest: string, time: string, signer: Signer): string {
  const digest = new Bun.CryptoHasher('sha256').update(canonicalRequest).digest('hex');
  const text = [ALGORITHM, time, scope(time, signer), digest].join('\n');
  return new Bun.CryptoHasher('sha256', signingKey(time.slice(0, 8), signer)).update(text).digest('hex');
}

let lastKey: { readonly of: string; readonly key: Uint8Array } | undefined;

/** The same for a whole day. */
function signingKey(day: string, { credentials, region }: Signer): Uint8Array {
  const of = `${day}/${region}/${credentials.secretAccessKey}`;
  if (lastKey?.of === of) return lastKey.key;
  let key: Uint8Array = new TextEncoder().encode(`AWS4${credentials.secretAccessKey}`);
  for (const part of [day, region, 's3', 'aws4_request'])
    key = new Bun.CryptoHasher('sha256', key).update(part).digest();
  lastKey = { of, key };
  return key;
}
