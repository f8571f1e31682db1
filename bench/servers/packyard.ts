import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../tests/support/free-port.ts';
import { inCheckout } from '../../tests/support/paths.ts';
import { cleanEnvironment } from '../../tests/support/run.ts';
import { executableName, processTree, stop, waitForAnswer } from '../processes.ts';

export interface PackyardOptions {
  /** The token of an earlier start with the same data. */
  readonly token?: string;
  /** Further flags of `packyard serve`. */
  readonly flags?: readonly string[];
}

/** A Packyard with its default settings: log on, written to a file; metrics on. */
export class PackyardServer implements AsyncDisposable {
  readonly url: string;
  readonly data: string;
  /** The first start's token; empty where the data folder was there before. */
  readonly token: string;
  /** Milliseconds from the command to the first answer on `/healthz`. */
  readonly startTime: number;
  readonly #child: Bun.Subprocess;

  private constructor(url: string, data: string, token: string, startTime: number, child: Bun.Subprocess) {
    this.url = url;
    this.data = data;
    this.token = token;
    this.startTime = startTime;
    this.#child = child;
  }

  static async start(data: string, { token, flags = [] }: PackyardOptions = {}): Promise<PackyardServer> {
    mkdirSync(data, { recursive: true });
    const port = await freePort();
    const output = join(data, 'stdout.log');
    const command = ['node', inCheckout('bin/packyard'), 'serve', '--listen', `127.0.0.1:${port}`, '--data', data];
    const child = Bun.spawn([...command, ...flags], {
      cwd: data,
      env: cleanEnvironment(),
      stdin: 'ignore',
      stdout: Bun.file(output),
      stderr: Bun.file(join(data, 'server.log')),
    });
    const url = `http://127.0.0.1:${port}`;
    const startTime = await waitForAnswer(`${url}/healthz`, child);
    return new PackyardServer(url, data, token ?? (await readToken(output)), startTime, child);
  }

  /** The process that does the work; Node, which launches it, only waits. */
  get pid(): number {
    const found = processTree(this.#child.pid).find((pid) => executableName(pid).startsWith('bun'));
    if (found === undefined) throw new Error('the server process was not found');
    return found;
  }

  get authorization(): Record<string, string> {
    return { authorization: `Bearer ${this.token}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await stop(this.#child);
  }
}

async function readToken(path: string): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const token = /\bpky_\w+/.exec(await Bun.file(path).text())?.[0];
    if (token) return token;
    await Bun.sleep(10);
  }
  throw new Error(`no token in ${path}`);
}
