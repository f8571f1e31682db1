import type { Connection } from './connection.ts';
import { nextLink } from './link-header.ts';
import { parseJson } from './manifests.ts';
import { readBytes } from './read-bytes.ts';
import { RegistryError } from './registry-error.ts';

export interface ListOptions {
  /** How many names to ask for at a time. The registry may give fewer. */
  readonly pageSize?: number;
  /** Begins after this name. */
  readonly after?: string;
  readonly signal?: AbortSignal;
}

const PAGE_LIMIT = 64 * 1024 * 1024;

export interface Page {
  readonly body: unknown;
  readonly headers: Headers;
}

/** The pages of a list, each asked for when the one before has been used. */
export async function* pages(
  connection: Connection,
  path: string,
  options: { readonly scopes: readonly string[]; readonly accept?: string; readonly signal?: AbortSignal },
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  for (let url: URL | undefined = new URL(path, connection.registry); url !== undefined; ) {
    seen.add(url.href);
    const { response } = await connection.send({
      method: 'GET',
      url,
      scopes: options.scopes,
      headers: { accept: options.accept ?? 'application/json' },
      signal: options.signal,
    });
    const body = parseJson(await readBytes(response, { limit: PAGE_LIMIT, idleTimeout: connection.timeout }));
    yield { body, headers: response.headers };
    const link = nextLink(response.headers.get('link'));
    url = link === undefined ? undefined : connection.resolve(link, url);
    if (url !== undefined && url.origin !== connection.registry.origin) {
      throw new RegistryError('unexpected_answer', `the registry's list goes on at another host: ${url.host}`);
    }
    if (url !== undefined && seen.has(url.href)) {
      throw new RegistryError('unexpected_answer', "the registry's list goes round in a circle");
    }
  }
}

/** The names in `key` of every page. Some registries say `null` where there are none. */
export async function* names(
  connection: Connection,
  path: string,
  options: ListOptions & { readonly key: string; readonly scopes: readonly string[] },
): AsyncGenerator<string> {
  const query = new URLSearchParams();
  if (options.pageSize !== undefined) query.set('n', String(options.pageSize));
  if (options.after !== undefined) query.set('last', options.after);
  for await (const { body } of pages(connection, `${path}${query.size === 0 ? '' : `?${query}`}`, options)) {
    const list = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[options.key] : undefined;
    if (list === null) continue;
    if (!Array.isArray(list) || !list.every((name) => typeof name === 'string')) {
      throw new RegistryError('unexpected_answer', `the registry gave no list of ${options.key}`);
    }
    yield* list;
  }
}
