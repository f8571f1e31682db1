import { createHash, randomBytes } from 'node:crypto';
import { basic } from '../support/api.ts';
import type { TestServer } from '../support/start-server.ts';

export type Algorithm = 'sha256' | 'sha512';
export const ALGORITHMS: readonly Algorithm[] = ['sha256', 'sha512'];

export const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';
export const DOCKER_IMAGE = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const CONFIG = 'application/vnd.oci.image.config.v1+json';
export const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
export const EMPTY = 'application/vnd.oci.empty.v1+json';

type Bytes = Uint8Array<ArrayBuffer>;

export interface CallOptions {
  readonly body?: string | Bytes | ReadableStream;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly [key: string]: unknown;
}

export function digestOf(bytes: string | Uint8Array, algorithm: Algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

export function someBytes(size: number): Bytes {
  return new Uint8Array(randomBytes(size));
}

/** A manifest's bytes: JSON that no formatter touches. */
export function toBytes(value: unknown): Bytes {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** One image of a registry, asked by plain requests; what comes back is for the tests to look at. */
export class Image {
  readonly server: TestServer;
  readonly name: string;
  readonly #token: string | undefined;

  /** @param token left out: the administrator's; null: none */
  constructor(server: TestServer, name: string, token: string | null = server.adminToken) {
    this.server = server;
    this.name = name;
    this.#token = token ?? undefined;
  }

  /** @param path below the image, or a whole path that begins with a slash */
  call(method: string, path: string, { body, headers }: CallOptions = {}): Promise<Response> {
    const url = path.startsWith('/') ? `${this.server.url}${path}` : `${this.server.url}/v2/${this.name}/${path}`;
    return fetch(url, {
      method,
      headers: { ...(this.#token === undefined ? {} : basic(this.#token)), ...headers },
      body,
      redirect: 'manual',
    });
  }

  /** The same, whose status must be this one. */
  async ok(status: number, method: string, path: string, options?: CallOptions): Promise<Response> {
    const response = await this.call(method, path, options);
    if (response.status === status) return response;
    throw new Error(`${method} ${path}: ${response.status} instead of ${status}: ${await response.text()}`);
  }

  /** Begins an upload and returns its address. */
  async begin(query = ''): Promise<string> {
    const response = await this.ok(202, 'POST', `blobs/uploads/${query}`);
    return response.headers.get('location') ?? '';
  }

  /** Pushes a blob in one request, or tells why not. */
  async pushBlob(bytes: string | Bytes, algorithm: Algorithm = 'sha256'): Promise<string> {
    const digest = digestOf(bytes, algorithm);
    await this.ok(201, 'POST', `blobs/uploads/?digest=${digest}`, { body: bytes, headers: OCTETS });
    return digest;
  }

  pushManifest(reference: string, bytes: Bytes, mediaType: string): Promise<Response> {
    return this.ok(201, 'PUT', `manifests/${reference}`, { body: bytes, headers: { 'content-type': mediaType } });
  }

  /** Pushes an image with one random layer; returns its descriptor. @param fields further ones of the manifest */
  async pushImage(reference?: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Descriptor> {
    const manifest = await this.makeImage(fields);
    const digest = digestOf(manifest);
    await this.pushManifest(reference ?? digest, manifest, IMAGE);
    return { mediaType: IMAGE, digest, size: manifest.length };
  }

  /** Pushes blobs, and returns the manifest that names them. */
  async makeImage(fields: Readonly<Record<string, unknown>> = {}, algorithm: Algorithm = 'sha256'): Promise<Bytes> {
    const config = `{"random":"${randomBytes(8).toString('hex')}"}`;
    const layer = someBytes(1000);
    return toBytes({
      schemaVersion: 2,
      mediaType: IMAGE,
      config: { mediaType: CONFIG, digest: await this.pushBlob(config, algorithm), size: config.length },
      layers: [{ mediaType: LAYER, digest: await this.pushBlob(layer, algorithm), size: layer.length }],
      ...fields,
    });
  }

  async errorOf(response: Response): Promise<string> {
    const body = (await response.json()) as { errors: { code: string; message: string; detail: unknown }[] };
    return body.errors[0]?.code ?? '';
  }
}

export const OCTETS = { 'content-type': 'application/octet-stream' } as const;

let count = 0;
/** A name that no other test has. */
export function freshName(of: string): string {
  count += 1;
  return `${of}/image-${count}`;
}
