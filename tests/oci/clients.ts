import { mkdirSync } from 'node:fs';
import { createToken } from '../support/api.ts';
import type { Client } from '../support/clients.ts';
import type { RunOptions, RunResult } from '../support/run.ts';
import type { TestServer } from '../support/start-server.ts';
import { makeTarGz } from '../support/tar.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { someBytes } from './protocol.ts';

/** A client with a home of its own, for one repository of a server. */
export class Session implements Disposable {
  /** `127.0.0.1:8080`, as image names begin. */
  readonly host: string;
  readonly token: string;
  readonly folder = new TempFolder('registry-client');
  readonly #client: Client;

  private constructor(client: Client, server: TestServer, token: string) {
    this.#client = client;
    this.host = new URL(server.url).host;
    this.token = token;
    mkdirSync(this.folder.join('run'), { mode: 0o700 });
  }

  /** @param repository as in `oci/<repository>`: the client's token has all rights there and none elsewhere */
  static async open(client: Client, server: TestServer, repository: string, actions = ALL): Promise<Session> {
    return new Session(
      client,
      server,
      await createToken(server, `${client.name} ${repository}`, `oci/${repository}`, actions),
    );
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.#client.run(args, this.#at(options));
  }

  ok(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.#client.ok(args, this.#at(options));
  }

  /** Makes a compressed tar with one file of random bytes, and returns its path. */
  async layer(name: string, size = 10_000): Promise<string> {
    const path = this.folder.join(`${name}.tar.gz`);
    await Bun.write(path, makeTarGz([{ name: `data/${name}`, content: Buffer.from(someBytes(size)) }]));
    return path;
  }

  [Symbol.dispose](): void {
    this.folder.dispose();
  }

  #at(options: RunOptions): RunOptions {
    const home = this.folder.path;
    const env = { HOME: home, XDG_RUNTIME_DIR: this.folder.join('run'), DOCKER_CONFIG: this.folder.join('.docker') };
    return { cwd: home, ...options, env: { ...env, ...options.env } };
  }
}

const ALL: readonly string[] = ['read', 'write', 'delete'];
