import { field } from './field.ts';
import { readBytes } from './read-bytes.ts';
import {
  RegistryError,
  type RegistryErrorOptions,
  RegistryNotFoundError,
  RegistryUnauthorizedError,
} from './registry-error.ts';

/** Bytes of an error's body that are looked at. */
const BODY_LIMIT = 64 * 1024;
const MESSAGE_LENGTH = 500;
const TRANSIENT: readonly number[] = [408, 429, 502, 503, 504];

/** Hides what must not be shown: a registry can repeat a password in its answer. */
export type Redact = (text: string) => string;

/** Turns an error answer into an error: in the registry's words where it has any. Reads the body. */
export async function refusal(response: Response, method: string, url: URL, redact: Redact): Promise<RegistryError> {
  const { status } = response;
  const { code, message, detail } = await readProblem(response);
  // Without the query, which can hold the state of an upload or a signature.
  const request = `${method} ${url.host}${url.pathname}`;
  const text =
    message === undefined
      ? `the registry answered ${status} to ${request}`
      : `${printable(redact(message))} (${status} for ${request})`;
  const options: RegistryErrorOptions = {
    status,
    detail,
    hint: hintFor(status),
    retryAfter: retryAfter(response.headers.get('retry-after')),
    isTransient: TRANSIENT.includes(status),
  };
  const name = code === undefined ? 'refused' : printable(redact(code));
  if (status === 401 || status === 403) return new RegistryUnauthorizedError(name, text, options);
  if (status === 404) return new RegistryNotFoundError(name, text, options);
  return new RegistryError(name, text, options);
}

function hintFor(status: number): string | undefined {
  if (status === 401) return 'log in, or check the user name and the password or token';
  if (status === 403) return 'these credentials do not allow it: ask for the right, or use others';
  if (status === 429) return 'the registry limits how often it may be asked: wait a little';
  return undefined;
}

/** `{"errors":[{"code","message","detail"}]}`, or `{"details"}` of token servers; a proxy in between may say anything. */
async function readProblem(response: Response): Promise<{ code?: string; message?: string; detail?: unknown }> {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(await readBytes(response, { limit: BODY_LIMIT })));
  } catch {
    return {};
  }
  const errors = field(body, 'errors');
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const [code, message] = [field(first, 'code'), field(first, 'message') ?? field(body, 'details')];
  return {
    code: typeof code === 'string' ? code : undefined,
    message: typeof message === 'string' && message !== '' ? message : undefined,
    detail: field(first, 'detail'),
  };
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}

/** A foreign text on one line, without what would steer a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, MESSAGE_LENGTH);
}
