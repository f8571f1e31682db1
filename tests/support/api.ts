import type { TestServer } from './start-server.ts';

export interface RepositoryOptions {
  readonly keepEmpty?: boolean;
  readonly visibility?: 'default' | 'public' | 'private';
  readonly writePolicy?: 'immutable' | 'overwrite';
  readonly downloads?: 'default' | 'proxy' | 'redirect';
  readonly immutableTags?: readonly string[];
  readonly incompleteImages?: 'accept' | 'refuse';
}

/** Headers with a token, as every client without user names sends it. */
export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** Basic authentication the way PyPI clients do it. */
export function basic(token: string, user = '__token__'): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}` };
}

/** The address with credentials in it. */
export function withCredentials(url: string, token: string, user = '__token__'): string {
  return url.replace('://', `://${user}:${token}@`);
}

async function send(server: TestServer, method: string, path: string, body?: unknown): Promise<Response> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { ...bearer(server.adminToken), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

/** `ref` is `pypi/tools`. */
export async function createRepository(
  server: TestServer,
  ref: string,
  options: RepositoryOptions = {},
): Promise<void> {
  const [format, name] = ref.split('/');
  await send(server, 'POST', '/api/v1/repositories', { format, name, ...options });
}

/** Makes a token and returns its secret text. */
export async function createToken(
  server: TestServer,
  name: string,
  repository: string,
  actions: readonly string[],
): Promise<string> {
  const response = await send(server, 'POST', '/api/v1/tokens', {
    name,
    user: 'ci',
    scopes: [{ repository, actions }],
  });
  const answer: unknown = await response.json();
  if (typeof answer !== 'object' || answer === null || !('token' in answer) || typeof answer.token !== 'string') {
    throw new Error(`no token in ${JSON.stringify(answer)}`);
  }
  return answer.token;
}

/** Yanks a version with a reason, or takes that back. */
export async function yank(
  server: TestServer,
  repository: string,
  packageName: string,
  version: string,
  reason: string | undefined,
): Promise<void> {
  const path = `/api/v1/repositories/${repository}/packages/${packageName}/versions/${version}/yank`;
  if (reason === undefined) await send(server, 'DELETE', path);
  else await send(server, 'PUT', path, { reason });
}

/** Stores a generic file with the administrator's token. */
export function putFile(
  server: TestServer,
  path: string,
  body: NonNullable<RequestInit['body']>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${server.url}/repo/generic/${path}`, {
    method: 'PUT',
    headers: { ...bearer(server.adminToken), ...headers },
    body,
  });
}

/** Uploads through `/addpkg` with the administrator's token. */
export function addPackage(
  server: TestServer,
  parameters: Readonly<Record<string, string>>,
  fileName: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const form = new FormData();
  form.append('f', new Blob([bytes]), fileName);
  return fetch(`${server.url}/addpkg?${new URLSearchParams(parameters)}`, {
    method: 'POST',
    headers: bearer(server.adminToken),
    body: form,
  });
}

/** Publishes a wheel or an sdist and insists on success. */
export async function publish(
  server: TestServer,
  repository: string,
  file: {
    readonly name: string;
    readonly version: string;
    readonly fileName: string;
    readonly bytes: Uint8Array<ArrayBuffer>;
  },
): Promise<void> {
  const parameters = { provider: 'pypi', reponame: repository, name: file.name, version: file.version };
  const response = await addPackage(server, parameters, file.fileName, file.bytes);
  if (!response.ok) throw new Error(`publishing ${file.fileName}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}
