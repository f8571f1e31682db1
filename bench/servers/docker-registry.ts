import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../tests/support/free-port.ts';
import { stop, waitForAnswer } from '../processes.ts';

/** docker-registry with the settings of Debian's config.yml, deletion included, but without a login. Its access log is on, as there. */
export class DockerRegistry implements AsyncDisposable {
  readonly url: string;
  readonly #child: Bun.Subprocess;

  private constructor(url: string, child: Bun.Subprocess) {
    this.url = url;
    this.#child = child;
  }

  static async start(folder: string): Promise<DockerRegistry> {
    mkdirSync(folder, { recursive: true });
    const port = await freePort();
    const configuration = join(folder, 'config.yml');
    writeFileSync(configuration, configure(join(folder, 'data'), port));
    const log = Bun.file(join(folder, 'server.log'));
    const child = Bun.spawn(['docker-registry', 'serve', configuration], { stdin: 'ignore', stdout: log, stderr: log });
    const url = `http://127.0.0.1:${port}`;
    await waitForAnswer(`${url}/v2/`, child);
    return new DockerRegistry(url, child);
  }

  get pid(): number {
    return this.#child.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stop(this.#child);
  }
}

function configure(data: string, port: number): string {
  return `version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: ${data}
  delete:
    enabled: true
http:
  addr: 127.0.0.1:${port}
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
`;
}
