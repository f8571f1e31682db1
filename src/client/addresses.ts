import type { RepositoryId } from './api-types.ts';
import { PackyardClientError } from './packyard-client-error.ts';

export function repositoryPath(id: RepositoryId): string {
  return path`/repositories/${id.format}/${id.name}`;
}

export function packagePath(id: RepositoryId, name: string): string {
  return `${repositoryPath(id)}${path`/packages/${name}`}`;
}

export function indexPath(id: RepositoryId, name: string): string {
  return `${repositoryPath(id)}${path`/indexes/${name}`}`;
}

export function versionPath(id: RepositoryId, target: { readonly package: string; readonly version: string }): string {
  return `${packagePath(id, target.package)}${path`/versions/${target.version}`}`;
}

/** Percent-encodes what is filled in. Dot segments cannot be encoded: URL parsers fold them in every spelling. */
export function path(fixed: TemplateStringsArray, ...segments: readonly string[]): string {
  const encoded = segments.map((segment) => {
    if (segment === '' || segment === '.' || segment === '..') {
      throw new PackyardClientError('invalid_request', `not a name: ${JSON.stringify(segment)}`);
    }
    return encodeURIComponent(segment);
  });
  return String.raw({ raw: fixed }, ...encoded);
}

/** `?a=1&b=2` of what is given, or nothing. */
export function query(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const entries = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, `${value}`]],
  );
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`;
}

/** @throws PackyardClientError `invalid_request` */
export function parseServerUrl(text: string): URL {
  try {
    const url = new URL(text);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  } catch {
    // Said below in our own words.
  }
  throw new PackyardClientError('invalid_request', 'not an http or https address of a server', {
    hint: 'write it like http://127.0.0.1:8080',
  });
}

/** The user and password in an address as an `Authorization` header; undefined when there are none. */
export function basicCredentials(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(pair)))}`;
}
