/** One attempt that failed, whoever made it: what the store said, or that it said nothing. Holds no secret and no address. */
export class S3Failure extends Error {
  override readonly name = 'S3Failure';
  /** The store's own code, e.g. `NoSuchKey`; the system's where no answer came, e.g. `ECONNRESET`. */
  readonly code: string;
  /** HTTP; undefined where no answer came. */
  readonly status: number | undefined;
  /** The region in which the store says that the bucket is. */
  readonly region: string | undefined;
  /** Whether it may go well if it is tried again as it is. */
  readonly isPassing: boolean;

  constructor(code: string, options: { readonly status?: number; readonly said?: string; readonly region?: string }) {
    super([options.status, code, options.said].filter(Boolean).join(' '));
    this.code = code;
    this.status = options.status;
    this.region = options.region;
    this.isPassing = options.status === undefined ? !isLasting(code) : isBusy(options.status, code);
  }
}

const BUSY_CODES = new Set(['RequestTimeout', 'RequestTimeTooSkewed', 'OperationAborted', 'SlowDown', 'Throttling']);

function isBusy(status: number, code: string): boolean {
  return [408, 429, 500, 502, 503, 504].includes(status) || BUSY_CODES.has(code);
}

/** A certificate or missing credentials do not change within seconds. */
function isLasting(code: string): boolean {
  return /CERT|SIGNED|TLS|SSL|VERIFY|Credentials/.test(code);
}

/** Reads the answer's error document. */
export async function failureOfResponse(response: Response): Promise<S3Failure> {
  const text = await response.text().catch(() => '');
  const field = (name: string): string | undefined => new RegExp(`<${name}>([^<]{1,500})</${name}>`).exec(text)?.[1];
  return new S3Failure(field('Code') ?? 'refused', {
    status: response.status,
    said: field('Message'),
    region: field('Region') ?? response.headers.get('x-amz-bucket-region') ?? undefined,
  });
}

/** What the SDK, `fetch` or the network threw; undefined for what is a defect of ours. */
export function failureOf(error: unknown): S3Failure | undefined {
  if (error instanceof S3Failure) return error;
  if (!(error instanceof Error)) return undefined;
  const status = property(property(error, '$metadata'), 'httpStatusCode');
  if (typeof status === 'number') {
    const region = property(error, 'Region') ?? property(property(error, '$response'), 'headers');
    return new S3Failure(error.name, {
      status,
      said: error.message === 'UnknownError' ? undefined : error.message,
      region: typeof region === 'string' ? region : text(property(region, 'x-amz-bucket-region')),
    });
  }
  if (error.name === 'CredentialsProviderError') return new S3Failure('NoCredentials', {});
  if (error.name === 'TimeoutError') return new S3Failure('timeout', {});
  const code = text(property(error, 'code'));
  // A local file that is not there has a code as well.
  return code === undefined || code === 'ENOENT' ? undefined : new S3Failure(code, {});
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
