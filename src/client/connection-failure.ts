/** Why a request got no answer, in words for whoever sent it. */
export interface ConnectionFailure {
  readonly kind: 'cancelled' | 'timeout' | 'redirect' | 'refused' | 'certificate' | 'other';
  readonly message: string;
  readonly hint?: string;
}

/** @param server the origin that was asked, for the message */
export function explainFailure(server: string, error: unknown): ConnectionFailure {
  if (error instanceof Error && error.name === 'AbortError') {
    return { kind: 'cancelled', message: 'the request was cancelled' };
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return {
      kind: 'timeout',
      message: `${server} did not answer in time`,
      hint: 'the server may be busy: try again',
    };
  }
  if (isRedirect(error)) {
    return {
      kind: 'redirect',
      message: `${server} sends uploads to another address`,
      hint: 'use that address at once; often it is the same with https',
    };
  }
  if (wasRefused(error)) {
    return {
      kind: 'refused',
      message: `nobody answers at ${server}`,
      hint: 'check that the server runs and that the address and port are right',
    };
  }
  return {
    kind: isCertificate(error) ? 'certificate' : 'other',
    message: `the connection to ${server} failed`,
    hint: 'check the address, the network and, with https, the certificate; then try again',
  };
}

export function wasRefused(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ECONNREFUSED' || code === 'ConnectionRefused';
}

/** Node puts the system's code into the cause, Bun on the error itself. */
function systemCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string') return current.code;
    if (current instanceof AggregateError) return systemCode(current.errors[0]);
  }
  return undefined;
}

/** Bun has a code for it, Node only words. */
function isRedirect(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return systemCode(error) === 'UnexpectedRedirect' || /redirect/i.test(error.message) || isRedirect(error.cause);
}

function isCertificate(error: unknown): boolean {
  return /CERT|UNABLE_TO_|ERR_TLS/.test(systemCode(error) ?? '');
}
