import { PackyardError } from '../../model/errors.ts';
import { failureOf, type S3Failure } from './s3-failure.ts';

interface Explanation {
  readonly message: string;
  readonly hint: string;
}

const KEYS = 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or S3_URL';

const NO_BUCKET: Explanation = {
  message: 'the bucket of the storage setting does not exist',
  hint: 'check its name and the endpoint, make the bucket, or add create=true to the address',
};
const TAKEN: Explanation = {
  message: 'the bucket’s name is taken by somebody else',
  hint: 'choose another name for the bucket',
};
const NO_KEY: Explanation = {
  message: 'the object store does not know the access key',
  hint: `check ${KEYS}, and that the endpoint is the right store`,
};
const WRONG_SECRET: Explanation = {
  message: 'the object store refuses the secret key: it does not belong to the access key',
  hint: `check ${KEYS} (S3_URL is taken as it is written, without percent-decoding)`,
};
const EXPIRED: Explanation = {
  message: 'the credentials for the object store have expired',
  hint: 'renew them, or use credentials that renew themselves',
};
const FORBIDDEN: Explanation = {
  message: 'the object store does not allow this access key what Packyard needs',
  hint: 'allow it ListBucket, GetObject, PutObject, DeleteObject, AbortMultipartUpload and ListBucketMultipartUploads',
};
const WRONG_CLOCK: Explanation = {
  message: 'the object store refuses requests because this machine’s clock is wrong',
  hint: 'set the clock (timedatectl set-ntp true), or the one of the store',
};
const ELSEWHERE: Explanation = {
  message: 'the bucket is in another region',
  hint: 'add region=REGION to the storage address',
};
const NO_CREDENTIALS: Explanation = {
  message: 'there are no credentials for the object store',
  hint: `set ${KEYS}`,
};

const EXPLANATIONS: ReadonlyMap<string, Explanation> = new Map([
  ['NoSuchBucket', NO_BUCKET],
  ['NotFound', NO_BUCKET],
  ['BucketAlreadyExists', TAKEN],
  ['InvalidAccessKeyId', NO_KEY],
  // Versity's gateway.
  ['XAdminUserNotFound', NO_KEY],
  ['SignatureDoesNotMatch', WRONG_SECRET],
  ['ExpiredToken', EXPIRED],
  ['InvalidToken', EXPIRED],
  ['AccessDenied', FORBIDDEN],
  ['AllAccessDisabled', FORBIDDEN],
  ['RequestTimeTooSkewed', WRONG_CLOCK],
  ['PermanentRedirect', ELSEWHERE],
  ['AuthorizationHeaderMalformed', ELSEWHERE],
  ['IllegalLocationConstraintException', ELSEWHERE],
  ['NoCredentials', NO_CREDENTIALS],
]);

/** Stores say in their own words that there is no room. */
const FULL = /Quota|StorageFull|InsufficientStorage|NotEnoughSpace|CapacityExceeded/i;

const NETWORK: readonly (readonly [RegExp, string])[] = [
  [/REFUSED/i, 'its address refuses connections'],
  [/NOTFOUND|EAI_|FailedToOpenSocket/i, 'its address is not known or not reachable'],
  [/CERT|SIGNED|TLS|SSL|VERIFY/i, 'its certificate is not trusted'],
  [/timeout/i, 'it takes too long'],
];

/** Seconds after which a store that failed for a while may work again. */
const RETRY_AFTER = 10;

/**
 * Says what failed in words that help. The place is in the cause alone, which the log shows and clients do not see.
 * @param place the store's description
 */
export function translateS3Error(place: string): (error: unknown) => never {
  return (error) => {
    throw toPackyardError(place, error);
  };
}

/** @returns the error as it is where it is none of the store's */
export function toPackyardError(place: string, error: unknown): unknown {
  const failure = failureOf(error);
  if (!failure) return error;
  const cause = new Error(`${place}: ${failure.message}`);
  if (failure.status === 507 || FULL.test(failure.code)) {
    return new PackyardError('storage_full', 'the object store is full: nothing was stored', {
      hint: 'free space or raise the quota of the bucket, then try again',
      cause,
    });
  }
  const { message, hint } = explain(failure);
  return new PackyardError('unavailable', message, { hint, retryAfter: RETRY_AFTER, cause });
}

function explain(failure: S3Failure): Explanation {
  const known = EXPLANATIONS.get(failure.code);
  if (known === ELSEWHERE && failure.region)
    return { ...ELSEWHERE, hint: `set region=${failure.region} in its address` };
  if (known) return known;
  if (failure.status === undefined) {
    const reason = NETWORK.find(([pattern]) => pattern.test(failure.code))?.[1] ?? 'the connection breaks';
    return {
      message: `the object store does not answer: ${reason} (${failure.code})`,
      hint: 'check that it runs, the endpoint of the storage address, and the network between',
    };
  }
  const answer = failure.code === 'refused' ? `${failure.status}` : `${failure.status} ${failure.code}`;
  return failure.isPassing
    ? { message: `the object store is not well (${answer})`, hint: 'look at its own log; try again later' }
    : {
        message: `the object store refuses (${answer})`,
        hint: '`packyard doctor` tries each step and names the fault',
      };
}
