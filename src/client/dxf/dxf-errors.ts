import { RegistryError, type RegistryErrorOptions } from '../oci/registry-error.ts';

/** What all errors of `DXF` have in common. Refusals by the registry other than 401 are a plain `RegistryError`. */
export class DXFError extends RegistryError {
  override readonly name: string = 'DXFError';
}

/** Something other than what was expected. */
export class DXFUnexpectedError extends DXFError {
  override readonly name: string = 'DXFUnexpectedError';
  readonly got: string | number;
  readonly expected: string | number;

  constructor(
    got: string | number,
    expected: string | number,
    what = 'value',
    code = 'unexpected_answer',
    options: RegistryErrorOptions = {},
  ) {
    super(code, `expected ${what} ${expected}, got ${got}`, options);
    this.got = got;
    this.expected = expected;
  }
}

export class DXFUnexpectedStatusCodeError extends DXFUnexpectedError {
  override readonly name = 'DXFUnexpectedStatusCodeError';

  constructor(got: number, expected: number) {
    super(got, expected, 'status code', 'unexpected_answer', { status: got });
  }
}

export class DXFDigestMismatchError extends DXFUnexpectedError {
  override readonly name = 'DXFDigestMismatchError';

  constructor(got: string, expected: string, cause?: unknown) {
    super(got, expected, 'digest', 'digest_mismatch', { cause });
  }
}

/** Only sha256 is known to `DXF`. */
export class DXFUnexpectedDigestMethodError extends DXFUnexpectedError {
  override readonly name = 'DXFUnexpectedDigestMethodError';

  constructor(got: string, expected: string) {
    super(got, expected, 'digest method', 'invalid_request');
  }
}

/** 401, also after logging in. */
export class DXFUnauthorizedError extends DXFError {
  override readonly name = 'DXFUnauthorizedError';

  constructor(options: RegistryErrorOptions = {}) {
    super('UNAUTHORIZED', 'unauthorized', { status: 401, ...options });
  }
}

/** Credentials are not sent over plain HTTP to another machine. */
export class DXFAuthInsecureError extends DXFError {
  override readonly name = 'DXFAuthInsecureError';

  constructor() {
    super('insecure_login', 'Auth requires HTTPS');
  }
}

export class DXFMountFailed extends DXFError {
  override readonly name = 'DXFMountFailed';

  constructor() {
    super('unexpected_answer', 'Cross repository blob mount failed');
  }
}

/** A manifest of a kind that `DXF` cannot read. */
export class DXFUnsupportedSchemaType extends DXFError {
  override readonly name = 'DXFUnsupportedSchemaType';
  readonly mediaType: string;

  constructor(mediaType: string) {
    super('unexpected_answer', `The mediaType "${mediaType}" is not supported`);
    this.mediaType = mediaType;
  }
}

export class DXFPlatformDataNotFound extends DXFError {
  override readonly name = 'DXFPlatformDataNotFound';
  readonly platform: string;

  constructor(platform: string) {
    super('invalid_request', `Data not found for platform: ${platform}`);
    this.platform = platform;
  }
}
