import type { RepositoryRef } from '../model/repository-ref.ts';

/**
 * Addresses relative to the page that carries them, so that the server may stand behind a proxy that adds a prefix.
 * All begin with `./` or `../`: whatever a name contains, it cannot become a scheme or a host.
 */
export class Links {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** For pages at the address of this request. Counts slashes as they were sent: an encoded one is part of a name. */
  static from(request: Request): Links {
    const depth = new URL(request.url).pathname.split('/').length - 2;
    return new Links(depth > 0 ? '../'.repeat(depth) : './');
  }

  get home(): string {
    return this.#root;
  }

  get signIn(): string {
    return `${this.#root}sign-in`;
  }

  get apiDocument(): string {
    return `${this.#root}api/v1/openapi.json`;
  }

  get formats(): string {
    return `${this.#root}repo`;
  }

  get search(): string {
    return `${this.#root}search`;
  }

  asset(name: string): string {
    return `${this.#root}assets/${name}`;
  }

  /** The list of a format's repositories. */
  format(id: string): string {
    return `${this.#root}repo/${encode(id)}`;
  }

  /** What clients of the format read. */
  index(ref: RepositoryRef): string {
    return `${this.format(ref.format)}/${encode(ref.name)}/`;
  }

  file(ref: RepositoryRef, path: string): string {
    return this.index(ref) + path.split('/').map(encode).join('/');
  }

  repository(ref: RepositoryRef, query: Readonly<Record<string, string | undefined>> = {}): string {
    return `${this.#root}browse/${encode(ref.format)}/${encode(ref.name)}${encodeQuery(query)}`;
  }

  package(ref: RepositoryRef, name: string, query: Readonly<Record<string, string | undefined>> = {}): string {
    return `${this.repository(ref)}/${encode(name)}${encodeQuery(query)}`;
  }
}

function encode(segment: string): string {
  return encodeURIComponent(segment.toWellFormed());
}

function encodeQuery(query: Readonly<Record<string, string | undefined>>): string {
  const parts = Object.entries(query).flatMap(([key, value]) => (value ? [`${key}=${encode(value)}`] : []));
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}
