import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

/** What a test lets it do instead of the right thing. `next` does the right thing after all. */
export type Lie = (exchange: Exchange, next: () => Promise<void>) => void | Promise<void>;

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** The number of requests of this method so far, this one included. */
  readonly count: number;
}

/** A registry that a test can make lie, cut connections and refuse. Left alone, it keeps blobs in memory and is honest. */
export class LyingRegistry implements AsyncDisposable {
  readonly url: string;
  readonly seen: Seen[] = [];
  readonly blobs = new Map<string, Buffer>();
  /** Unfinished uploads by their id. */
  readonly uploads = new Map<string, Buffer>();
  lie: Lie = (_exchange, next) => next();
  /** What the addresses of uploads end with. */
  locationEnd = '';
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the registry has no port');
    this.url = `http://127.0.0.1:${address.port}`;
  }

  static async start(): Promise<LyingRegistry> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
    const registry = new LyingRegistry(server);
    server.on('request', (request, response) => void registry.#answer(request, response));
    return registry;
  }

  /** Keeps bytes as a blob. @returns their digest */
  keep(bytes: Uint8Array, algorithm = 'sha256'): string {
    const digest = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
    this.blobs.set(digest, Buffer.from(bytes));
    return digest;
  }

  /** `GET /v2/…` of everything that was asked, without upload ids and the digits of digests. */
  get requests(): string[] {
    return this.seen.map(
      ({ method, path }) =>
        `${method} ${path.replace(/(uploads\/)[0-9a-f-]{36}/, '$1ID').replace(/(sha\d+)(:|%3A)[0-9a-f]+/, '$1')}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request;
    this.seen.push({ method, path, headers: request.headers });
    const count = this.seen.filter((entry) => entry.method === method).length;
    try {
      await this.lie({ request, response, path, count }, () => this.#honestly(request, response, path));
    } catch {
      // The client went away in the middle of it.
      response.destroy();
    }
  }

  async #honestly(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const url = new URL(path, this.url);
    const [, digest] = /\/blobs\/(sha\d+:[0-9a-f]+)$/.exec(url.pathname) ?? [];
    const [, id] = /\/blobs\/uploads\/(.*)$/.exec(url.pathname) ?? [];
    if (digest !== undefined) this.#blob(request, response, digest);
    else if (id !== undefined) await this.#upload(request, response, url, id);
    else response.writeHead(404).end();
  }

  #blob(request: IncomingMessage, response: ServerResponse, digest: string): void {
    const blob = this.blobs.get(digest);
    if (blob === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (request.method === 'DELETE') {
      this.blobs.delete(digest);
      response.writeHead(202).end();
      return;
    }
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const bytes = blob.subarray(Number(from ?? 0));
    const range = `bytes ${from}-${blob.byteLength - 1}/${blob.byteLength}`;
    const headers = { 'content-length': bytes.byteLength, ...(from !== undefined && { 'content-range': range }) };
    response.writeHead(from === undefined ? 200 : 206, headers);
    response.end(request.method === 'HEAD' ? undefined : bytes);
  }

  async #upload(request: IncomingMessage, response: ServerResponse, url: URL, id: string): Promise<void> {
    if (request.method === 'POST') {
      const fresh = randomUUID();
      this.uploads.set(fresh, Buffer.alloc(0));
      response.writeHead(202, { location: `${url.pathname}${fresh}${this.locationEnd}`, 'content-length': 0 }).end();
      return;
    }
    const before = this.uploads.get(id);
    if (before === undefined) {
      const errors = [{ code: 'BLOB_UPLOAD_UNKNOWN', message: 'there is no such upload' }];
      response.writeHead(404).end(JSON.stringify({ errors }));
      return;
    }
    if (request.method === 'DELETE') this.uploads.delete(id);
    else {
      const [start] = (request.headers['content-range'] ?? '').split('-');
      if (start !== '' && Number(start) !== before.byteLength) {
        response.writeHead(416, this.#progress(url, before)).end();
        return;
      }
      await this.take(request, id);
    }
    const bytes = this.uploads.get(id) ?? Buffer.alloc(0);
    if (request.method !== 'PUT') {
      response.writeHead(request.method === 'PATCH' ? 202 : 204, this.#progress(url, bytes)).end();
      return;
    }
    const digest = url.searchParams.get('digest') ?? '';
    if (this.keep(bytes, digest.split(':')[0]) === digest) {
      this.uploads.delete(id);
      response.writeHead(201, { location: url.pathname, 'docker-content-digest': digest, 'content-length': 0 }).end();
    } else {
      const errors = [{ code: 'DIGEST_INVALID', message: 'these are other bytes' }];
      response.writeHead(400).end(JSON.stringify({ errors }));
    }
  }

  /** Adds a request's body to an upload as it comes in; at most so many bytes of it. */
  async take(request: IncomingMessage, id: string, limit = Number.POSITIVE_INFINITY): Promise<void> {
    let left = limit;
    for await (const part of request as AsyncIterable<Buffer>) {
      const taken = part.subarray(0, left);
      const before = this.uploads.get(id);
      // It may have been cancelled meanwhile.
      if (before === undefined) return;
      this.uploads.set(id, Buffer.concat([before, taken]));
      left -= taken.byteLength;
      if (left === 0) return;
    }
  }

  #progress(url: URL, bytes: Buffer) {
    return {
      location: `${url.pathname}${this.locationEnd}`,
      range: `0-${Math.max(0, bytes.byteLength - 1)}`,
      'content-length': 0,
    };
  }
}
