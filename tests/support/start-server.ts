import { readdirSync, readFileSync } from 'node:fs';
import { freePort } from './free-port.ts';
import { inCheckout } from './paths.ts';
import { cleanEnvironment, endingWithUs } from './run.ts';
import { TempFolder } from './temp-folder.ts';
import { createTestDatabase, ON_SQLITE, type TestDatabase } from './test-database.ts';
import { createTestStorage } from './test-storage.ts';

export interface StartOptions {
  /** Further flags of `packyard serve`. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A data folder to go on with; else a fresh one, removed by `stop`. */
  readonly dataDir?: string;
  /** The program and its first arguments, for other ways to start it. Default: `node bin/packyard serve`. */
  readonly command?: readonly string[];
  readonly cwd?: string;
  /** A database to share with another server; else one of its own: SQLite in the data folder, or on the server of this pass. */
  readonly database?: string;
  /**
   * Storage to share with another server; else one of its own: a folder in the data folder, or a bucket on the S3 server of
   * this pass. `folder` is the folder in any pass, for tests that look into it; so it is with a `dataDir`.
   */
  readonly storage?: string;
  /** With a database from elsewhere: that nobody has used it, so that this start prints the token. */
  readonly firstStart?: boolean;
  /** With a database from elsewhere: the token that its first start printed. */
  readonly adminToken?: string;
}

/** Tokens as the first start prints them. */
const TOKEN = /\b[a-z]{2,12}_[A-Za-z0-9_-]{20,}/;
const READY_WITHIN = 30_000;

/** A real server process on a free port of 127.0.0.1. */
export class TestServer implements AsyncDisposable {
  readonly url: string;
  readonly dataDir: string;
  readonly #options: StartOptions;
  readonly #port: number;
  readonly #ownFolder: TempFolder | undefined;
  #database: TestDatabase | undefined;
  #storage: string | undefined;
  #process: Bun.Subprocess<'ignore', 'pipe', 'pipe'> | undefined;
  #stdout = '';
  #stderr = '';
  #adminToken = '';
  #drained: Promise<unknown> = Promise.resolve();

  private constructor(port: number, options: StartOptions) {
    this.#port = port;
    this.#options = options;
    this.#ownFolder = options.dataDir === undefined ? new TempFolder('data') : undefined;
    this.dataDir = options.dataDir ?? this.#ownFolder?.path ?? '';
    this.url = `http://127.0.0.1:${port}`;
    this.#adminToken = options.adminToken ?? '';
  }

  /** Starts a server and waits until `/readyz` answers 200. */
  static async start(options: StartOptions = {}): Promise<TestServer> {
    const server = new TestServer(await freePort(), options);
    try {
      if (!ON_SQLITE && options.database === undefined) server.#database = await createTestDatabase();
      server.#storage = options.storage ?? (options.dataDir === undefined ? await createTestStorage() : 'folder');
      await server.#spawn();
    } catch (error) {
      await server.kill();
      await server.#dispose();
      throw error;
    }
    return server;
  }

  /** The token that the first start printed. */
  get adminToken(): string {
    if (this.#adminToken === '') throw new Error(`no token was printed by the first start:\n${this.output}`);
    return this.#adminToken;
  }

  /** What the running process has printed so far. */
  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get output(): string {
    return `${this.#stdout}${this.#stderr}`;
  }

  /** Process ids: the launcher and everything below it. */
  get processIds(): readonly number[] {
    const pid = this.#process?.pid;
    return pid === undefined ? [] : [pid, ...descendants(pid)];
  }

  /** Sends a signal to the process that was started, as `kill` and service managers do, without waiting. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** The exit code, once the process has ended. */
  async exited(): Promise<number> {
    const code = (await this.#process?.exited) ?? 0;
    await this.#drained;
    return code;
  }

  /** Asks the server to end and returns its exit code; a fresh data folder is removed. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    const started = this.processIds;
    this.signal(signal);
    const code = (await this.#process?.exited) ?? 0;
    const left = killAll(started);
    await this.#drained;
    this.#process = undefined;
    await this.#dispose();
    if (left > 0) throw new Error(`the server went on when the program that started it had ended:\n${this.output}`);
    return code;
  }

  /** `kill -9` for the launcher and the server at once, as a power cut would. The data stays. */
  async kill(): Promise<void> {
    killAll(this.processIds);
    await this.exited();
    this.#process = undefined;
  }

  get databaseUrl(): string {
    return this.#options.database ?? this.#database?.url ?? `sqlite:${this.dataDir}/packyard.sqlite`;
  }

  /** Where it keeps what it has: for commands that work on database and storage themselves. */
  get placeFlags(): readonly string[] {
    const storage = this.#storage === undefined || this.#storage === 'folder' ? [] : ['--storage', this.#storage];
    const onServer = this.#options.database ?? this.#database?.url;
    const database = onServer === undefined ? [] : ['--database', onServer];
    return ['--data', this.dataDir, ...database, ...storage];
  }

  /** Starts again on the same port with the same data; stops the running process first if there is one. */
  async restart(): Promise<void> {
    if (this.#process) {
      this.signal('SIGTERM');
      await this.exited();
    }
    await this.#spawn();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Whether nobody can have used the database before. */
  get #isFirstStart(): boolean {
    if (this.#options.database !== undefined) return this.#options.firstStart === true;
    return this.#database !== undefined || this.#ownFolder !== undefined;
  }

  async #dispose(): Promise<void> {
    this.#ownFolder?.dispose();
    const database = this.#database;
    this.#database = undefined;
    await database?.dispose();
  }

  async #spawn(): Promise<void> {
    const command = this.#options.command ?? ['node', inCheckout('bin/packyard'), 'serve'];
    const flags = [...['--listen', `127.0.0.1:${this.#port}`], ...this.placeFlags, ...(this.#options.flags ?? [])];
    this.#stdout = '';
    this.#stderr = '';
    const child = Bun.spawn(endingWithUs('TERM', [...command, ...flags]), {
      cwd: this.#options.cwd ?? this.dataDir,
      env: cleanEnvironment(this.#options.env),
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    this.#process = child;
    this.#drained = Promise.all([
      collect(child.stdout, (text) => {
        this.#stdout += text;
      }),
      collect(child.stderr, (text) => {
        this.#stderr += text;
      }),
    ]);
    await this.#waitUntilReady(child);
    if (this.#adminToken === '') this.#adminToken = await this.#findToken();
  }

  async #waitUntilReady(child: Bun.Subprocess): Promise<void> {
    const deadline = Date.now() + READY_WITHIN;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${this.output}`);
      const response = await fetch(`${this.url}/readyz`).catch(() => undefined);
      await response?.arrayBuffer();
      if (response?.status === 200) return;
      if (Date.now() > deadline) {
        throw new Error(`the server is not ready (${response?.status ?? 'no answer'}):\n${this.output}`);
      }
      await Bun.sleep(20);
    }
  }

  /** The first answer may come before the pipe has brought the start message. */
  async #findToken(): Promise<string> {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const token = TOKEN.exec(this.#stdout)?.[0];
      if (token) return token;
      if (!this.#isFirstStart) return '';
      await Bun.sleep(20);
    }
    return '';
  }
}

/** Returns how many of them were still running. */
function killAll(pids: readonly number[]): number {
  return pids.filter((pid) => {
    try {
      process.kill(pid, 'SIGKILL');
      return true;
    } catch {
      // It ended by itself.
      return false;
    }
  }).length;
}

async function collect(stream: ReadableStream<Uint8Array>, append: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) append(decoder.decode(chunk, { stream: true }));
}

function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = parentOf(entry);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const found: number[] = [];
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const below = children.get(next) ?? [];
    found.push(...below);
    open.push(...below);
  }
  return found;
}

function parentOf(pid: string): number | undefined {
  try {
    // proc(5): the command's name stands in parentheses and may hold anything, so count from its end.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
