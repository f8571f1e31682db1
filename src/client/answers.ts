import { PackyardClientError } from './packyard-client-error.ts';

/** @throws PackyardClientError `unexpected_answer` */
export async function parseJson<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null) throw unexpected(response);
  return body as T;
}

/** Turns an error answer into an error: the API's own form, or whatever a proxy in between said. */
export async function refusal(response: Response): Promise<PackyardClientError> {
  const body: unknown = await response.json().catch(() => undefined);
  const error = field(body, 'error');
  const code = field(error, 'code');
  const message = field(error, 'message');
  if (typeof code !== 'string' || typeof message !== 'string') return unexpected(response);
  const hint = field(error, 'hint');
  const requestId = field(error, 'requestId') ?? response.headers.get('x-request-id');
  return new PackyardClientError(code, message, {
    status: response.status,
    hint: typeof hint === 'string' ? hint : undefined,
    requestId: typeof requestId === 'string' ? requestId : undefined,
  });
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? value[name as keyof typeof value] : undefined;
}

function unexpected(response: Response): PackyardClientError {
  return new PackyardClientError(
    'unexpected_answer',
    `the answer is not one of a Packyard server (HTTP ${response.status})`,
    {
      status: response.status,
      hint: 'check that the address is that of the server itself, without a path to a repository',
    },
  );
}
