import { connect } from 'node:net';

export interface RawOptions {
  /** Close the connection hard once everything is written, without waiting for an answer. */
  readonly abort?: boolean;
}

export interface RawResponse {
  /** 0 when the connection closed without an answer. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/**
 * Sends bytes over TCP exactly as they are: for paths that `fetch` would tidy up and for requests that break off.
 * The request must ask for `Connection: close`.
 */
export function sendRaw(
  url: string,
  parts: readonly (string | Uint8Array)[],
  options: RawOptions = {},
): Promise<RawResponse> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    socket.on('error', (error) => (options.abort || received.length > 0 ? finish() : reject(error)));
    socket.on('data', (data) => received.push(Buffer.from(data)));
    socket.on('close', finish);
    socket.on('connect', async () => {
      for (const part of parts) {
        if (!socket.write(part)) await new Promise((drained) => socket.once('drain', drained));
      }
      // Gives the server time to read what came, so that it is in the middle of the body when the end comes.
      if (options.abort) setTimeout(() => socket.destroy(), 100);
    });
    function finish(): void {
      const text = Buffer.concat(received).toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const head = end < 0 ? text : text.slice(0, end);
      resolve({
        status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
        head,
        body: end < 0 ? '' : text.slice(end + 4),
      });
    }
  });
}

/** A request line and its headers. */
export function requestHead(method: string, path: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = { host: '127.0.0.1', connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** One multipart form by hand; without `end` it stops before the last boundary. */
export function multipart(
  boundary: string,
  fields: Readonly<Record<string, string>>,
  file: { readonly field: string; readonly name: string; readonly bytes: Uint8Array },
  end = true,
): Uint8Array<ArrayBuffer> {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${file.field}"; filename="${file.name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const tail = end ? `\r\n--${boundary}--\r\n` : '';
  return new Uint8Array(Buffer.concat([Buffer.from(parts.join('') + head), file.bytes, Buffer.from(tail)]));
}
