import { inCheckout } from './paths.ts';
import { type RunResult, run } from './run.ts';
import { type StartOptions, TestServer } from './start-server.ts';

/** Several servers on one database and one object store, as they would run on several machines. */
export class Replicas implements AsyncDisposable {
  readonly servers: readonly TestServer[];
  readonly #options: StartOptions & { readonly database: string };

  private constructor(servers: readonly TestServer[], options: StartOptions & { readonly database: string }) {
    this.servers = servers;
    this.#options = options;
  }

  /** The first one alone makes the tables and the token; then the others start. */
  static async start(count: number, options: StartOptions & { readonly database: string }): Promise<Replicas> {
    const first = await TestServer.start({ ...options, firstStart: true });
    const servers = [first];
    while (servers.length < count) servers.push(await TestServer.start({ ...options, adminToken: first.adminToken }));
    return new Replicas(servers, options);
  }

  get(index: number): TestServer {
    const server = this.servers[index];
    if (!server) throw new Error(`there is no replica ${index}`);
    return server;
  }

  /** A command that works on database and storage themselves, such as `fsck`, with the replicas' settings. */
  command(args: readonly string[]): Promise<RunResult> {
    const { database, storage } = this.#options;
    const places = ['--data', this.get(0).dataDir, '--database', database];
    const flags = storage === undefined ? places : [...places, '--storage', storage];
    return run(['node', inCheckout('bin/packyard'), ...args, ...flags], { env: this.#options.env });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}
