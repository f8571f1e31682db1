import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../tests/support/free-port.ts';
import { stop, waitForAnswer } from '../processes.ts';

/** nginx with the settings of Debian's nginx.conf, serving one folder. Its access log is on, as there. */
export class NginxServer implements AsyncDisposable {
  readonly url: string;
  readonly root: string;
  readonly #child: Bun.Subprocess;

  private constructor(url: string, root: string, child: Bun.Subprocess) {
    this.url = url;
    this.root = root;
    this.#child = child;
  }

  /** @param workers its processes: one for each core, as Debian has it, or a number */
  static async start(folder: string, workers: number | 'auto' = 'auto'): Promise<NginxServer> {
    const root = join(folder, 'root');
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'ready'), 'ok');
    const port = await freePort();
    const configuration = join(folder, 'nginx.conf');
    writeFileSync(configuration, configure(folder, root, { port, workers }));
    const child = Bun.spawn(['/usr/sbin/nginx', '-c', configuration, '-e', join(folder, 'error.log')], {
      stdin: 'ignore',
      stdout: 'inherit',
      stderr: 'inherit',
    });
    const url = `http://127.0.0.1:${port}`;
    await waitForAnswer(`${url}/ready`, child);
    return new NginxServer(url, root, child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stop(this.#child);
  }
}

function configure(
  folder: string,
  root: string,
  { port, workers }: { readonly port: number; readonly workers: number | 'auto' },
): string {
  return `daemon off;
user root;
worker_processes ${workers};
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 768; }
http {
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  default_type application/octet-stream;
  access_log ${folder}/access.log;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${root};
  }
}
`;
}
