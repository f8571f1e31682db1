import { makeCertificate } from '../support/self-signed.ts';
import { TempFolder } from '../support/temp-folder.ts';

/** A proxy that speaks TLS for a server that does not, as in production. */
export class TlsProxy implements AsyncDisposable {
  readonly url: string;
  /** The file with the certificate. */
  readonly certificate: string;
  readonly #folder: TempFolder;
  readonly #server: Bun.Server<undefined>;

  private constructor(folder: TempFolder, certificate: string, server: Bun.Server<undefined>) {
    this.#folder = folder;
    this.#server = server;
    this.certificate = certificate;
    this.url = `https://localhost:${server.port}`;
  }

  static async start(backend: string): Promise<TlsProxy> {
    const folder = new TempFolder('proxy');
    const [certificate, key] = [folder.join('certificate.pem'), folder.join('key.pem')];
    await makeCertificate(certificate, key);
    const server = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      tls: { cert: Bun.file(certificate), key: Bun.file(key) },
      fetch(request) {
        const { host, pathname, search } = new URL(request.url);
        const headers = new Headers(request.headers);
        headers.set('x-forwarded-proto', 'https');
        headers.set('x-forwarded-host', host);
        const { method, body } = request;
        return fetch(`${backend}${pathname}${search}`, { method, headers, body, redirect: 'manual' });
      },
    });
    return new TlsProxy(folder, certificate, server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
    this.#folder.dispose();
  }
}
