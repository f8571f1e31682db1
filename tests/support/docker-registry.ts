import { writeFileSync } from 'node:fs';
import { findClient } from './clients.ts';
import { freePort } from './free-port.ts';
import { cleanEnvironment, endingWithUs, runOk } from './run.ts';
import { makeCertificate } from './self-signed.ts';
import { TempFolder } from './temp-folder.ts';

export interface DockerRegistryOptions {
  /** Only for whoever knows these, by HTTP Basic. */
  readonly login?: { readonly username: string; readonly password: string };
  /** With a certificate that nobody knows but who reads `certificate`. */
  readonly tls?: boolean;
}

const READY_WITHIN = 30_000;

export const DOCKER_REGISTRY_SKIP_REASON = 'needs docker-registry: run tests/clients/install.sh';

export function hasDockerRegistry(): boolean {
  return findClient('docker-registry') !== undefined;
}

/** Docker's own registry, as Debian has it, with data of its own on a free port. */
export class DockerRegistry implements AsyncDisposable {
  /** With the port. */
  readonly host: string;
  readonly url: string;
  /** The file with the certificate, where there is TLS. */
  readonly certificate: string;
  readonly #folder: TempFolder;
  readonly #process: Bun.Subprocess;

  private constructor(host: string, url: string, folder: TempFolder, process: Bun.Subprocess) {
    this.host = host;
    this.url = url;
    this.certificate = folder.join('certificate.pem');
    this.#folder = folder;
    this.#process = process;
  }

  static async start(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
    const program = findClient('docker-registry');
    if (program === undefined) throw new Error(DOCKER_REGISTRY_SKIP_REASON);
    const folder = new TempFolder('registry');
    const host = `localhost:${await freePort()}`;
    const config = folder.join('config.yml');
    writeFileSync(config, JSON.stringify(await settings(host, folder, options)));
    const command = endingWithUs('KILL', [...program.command, 'serve', config]);
    const process = Bun.spawn(command, {
      cwd: folder.path,
      env: cleanEnvironment(),
      stdin: 'ignore',
      stdout: Bun.file(folder.join('log')),
      stderr: Bun.file(folder.join('log')),
    });
    const registry = new DockerRegistry(host, `${options.tls ? 'https' : 'http'}://${host}`, folder, process);
    await registry.#untilReady();
    return registry;
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#process.exited;
    this.#folder.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #untilReady(): Promise<void> {
    const end = Date.now() + READY_WITHIN;
    for (;;) {
      const tls = { rejectUnauthorized: false };
      const response = await fetch(`${this.url}/v2/`, { tls }).catch(() => undefined);
      if (response !== undefined) return;
      if (Date.now() > end || this.#process.exitCode !== null) {
        const log = await Bun.file(this.#folder.join('log')).text();
        await this.stop();
        throw new Error(`docker-registry does not answer:\n${log}`);
      }
      await Bun.sleep(20);
    }
  }
}

/** JSON is YAML too. */
async function settings(host: string, folder: TempFolder, { login, tls }: DockerRegistryOptions): Promise<object> {
  const htpasswd = folder.join('htpasswd');
  if (login) {
    const args = ['htpasswd', '-Bbn', login.username, login.password];
    writeFileSync(htpasswd, (await runOk(args)).stdout);
  }
  const [certificate, key] = [folder.join('certificate.pem'), folder.join('key.pem')];
  if (tls) await makeCertificate(certificate, key);
  return {
    version: '0.1',
    log: { level: 'warn' },
    storage: {
      filesystem: { rootdirectory: folder.join('data') },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: `127.0.0.1:${host.split(':')[1]}`, secret: 'test', ...(tls && { tls: { certificate, key } }) },
    ...(login && { auth: { htpasswd: { realm: 'test', path: htpasswd } } }),
  };
}
