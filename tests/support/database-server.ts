import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { cleanEnvironment, endingWithUs } from './run.ts';
import { TempFolder } from './temp-folder.ts';

export type DatabaseServerKind = 'postgres' | 'mariadb';

/** A program and what it needs; undefined where it is not installed. */
interface Recipe {
  /** Debian's user for it: both refuse to run as root. */
  readonly user: string;
  readonly scheme: string;
  readonly admin: string;
  create(folder: string): readonly string[];
  serve(folder: string, port: number): readonly string[];
  /** With these arguments too, an answered commit is on the disk; without, it takes a crash of the machine to lose it. */
  readonly durable: readonly string[];
}

const WITHIN = 60_000;
/** Where servers are found; a user's own path seldom has the first. */
const PATH = `/usr/sbin:/usr/bin:${process.env.PATH ?? ''}`;

/** A real PostgreSQL or MariaDB of its own, on a free port of 127.0.0.1, in a temporary folder. */
export class DatabaseServer implements AsyncDisposable {
  readonly kind: DatabaseServerKind;
  readonly #recipe: Recipe;
  readonly #folder: TempFolder;
  readonly #port: number;
  readonly #durable: boolean;
  #process: Bun.Subprocess | undefined;

  private constructor(kind: DatabaseServerKind, recipe: Recipe, folder: TempFolder, port: number, durable: boolean) {
    this.kind = kind;
    this.#recipe = recipe;
    this.#folder = folder;
    this.#port = port;
    this.#durable = durable;
  }

  static isInstalled(kind: DatabaseServerKind): boolean {
    return findRecipe(kind) !== undefined;
  }

  /** @param options.durable for measuring: what it answers is on the disk */
  static async start(kind: DatabaseServerKind, { durable = false } = {}): Promise<DatabaseServer> {
    const recipe = findRecipe(kind);
    if (!recipe) throw new Error(`${kind} is not installed: run tests/servers/install.sh`);
    const folder = new TempFolder(kind);
    const user = ids(recipe.user);
    if (user) chownSync(folder.path, user.uid, user.gid);
    const server = new DatabaseServer(kind, recipe, folder, await freePort(), durable);
    process.on('exit', () => {
      server.#process?.kill('SIGKILL');
      folder.dispose();
    });
    const created = Bun.spawnSync(as(recipe.user, recipe.create(folder.path)), {
      cwd: folder.path,
      env: cleanEnvironment(),
      stdout: 'pipe',
      stderr: 'pipe',
    });
    if (created.exitCode !== 0) throw new Error(`${kind} could not be set up:\n${created.stdout}${created.stderr}`);
    await server.start();
    return server;
  }

  /** The server's own database, for making others. */
  get url(): string {
    return `${this.#recipe.scheme}://${this.#recipe.admin}@127.0.0.1:${this.#port}/${this.kind === 'postgres' ? 'postgres' : 'mysql'}`;
  }

  async start(): Promise<void> {
    const log = Bun.file(this.#folder.join('server.log'));
    const { user, serve, durable } = this.#recipe;
    const command = [...serve(this.#folder.path, this.#port), ...(this.#durable ? durable : [])];
    this.#process = Bun.spawn(as(user, command), {
      cwd: this.#folder.path,
      env: cleanEnvironment(),
      stdin: 'ignore',
      stdout: log,
      stderr: log,
    });
    const deadline = Date.now() + WITHIN;
    for (;;) {
      const answer = await query(this.url, 'select 1').catch((error: unknown) => error);
      if (!(answer instanceof Error)) return;
      if (this.#process.exitCode !== null || Date.now() > deadline)
        throw new Error(`${this.kind} does not answer: ${answer.message}\n${await log.text()}`);
      await Bun.sleep(50);
    }
  }

  /** Ends it as a power cut would: nobody is told, nothing is tidied up. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Lets it end in order, with running transactions broken off. */
  async stop(): Promise<void> {
    // To PostgreSQL, SIGINT is the fast shutdown; SIGTERM would wait for its clients.
    await this.#end(this.kind === 'postgres' ? 'SIGINT' : 'SIGTERM');
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGKILL');
    this.#folder.dispose();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null) return;
    // The processes that PostgreSQL forks notice that their parent is gone; the data folder is free after that.
    child.kill(signal);
    await child.exited;
    while (this.kind === 'postgres' && this.#hasChildren()) await Bun.sleep(20);
  }

  #hasChildren(): boolean {
    return readdirSync('/proc').some((entry) => {
      try {
        return /^\d+$/.test(entry) && readlinkSync(`/proc/${entry}/cwd`) === join(this.#folder.path, 'data');
      } catch {
        return false;
      }
    });
  }
}

/** Makes a database with a name of its own on a server and returns its URL. */
export async function createDatabase(server: string): Promise<string> {
  const name = `packyard_${randomBytes(6).toString('hex')}`;
  // PostgreSQL's other way, through its log, takes ten times as long.
  await query(server, `create database ${name}${server.startsWith('postgres') ? ' strategy file_copy' : ''}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** Removes a database, whoever is connected to it. */
export async function dropDatabase(server: string, url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await query(server, `drop database ${name}${server.startsWith('postgres') ? ' with (force)' : ''}`);
}

async function query(server: string, statement: string): Promise<void> {
  if (server.startsWith('postgres')) {
    const client = new pg.Client({ connectionString: server, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
    return;
  }
  const connection = await createConnection({ uri: server, connectTimeout: 5_000 });
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}

function findRecipe(kind: DatabaseServerKind): Recipe | undefined {
  return kind === 'postgres' ? postgres() : mariadb();
}

function postgres(): Recipe | undefined {
  // Debian keeps each version in a folder of its own; elsewhere it is on the path.
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((version) => join(root, version, 'bin'));
  const bin = [...folders, ...PATH.split(':')].find((folder) => existsSync(join(folder, 'initdb')));
  if (bin === undefined) return undefined;
  return {
    user: 'postgres',
    scheme: 'postgres',
    admin: 'postgres',
    create: (folder) => [
      join(bin, 'initdb'),
      '-D',
      join(folder, 'data'),
      '-A',
      'trust',
      '-U',
      'postgres',
      '-N',
      '-E',
      'UTF8',
    ],
    serve: (folder, port) => [
      join(bin, 'postgres'),
      ...['-D', join(folder, 'data'), '-p', String(port), '-k', folder],
      ...['listen_addresses=127.0.0.1', 'max_connections=300', 'fsync=off', 'full_page_writes=off'].flatMap(
        (option) => ['-c', option],
      ),
    ],
    durable: ['-c', 'fsync=on', '-c', 'full_page_writes=on'],
  };
}

function mariadb(): Recipe | undefined {
  const program = Bun.which('mariadbd', { PATH });
  const setUp = Bun.which('mariadb-install-db', { PATH });
  if (!program || !setUp) return undefined;
  const data = (folder: string) => `--datadir=${join(folder, 'data')}`;
  return {
    user: 'mysql',
    scheme: 'mysql',
    admin: 'root',
    create: (folder) => [
      setUp,
      '--no-defaults',
      data(folder),
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ],
    serve: (folder, port) => [
      program,
      '--no-defaults',
      data(folder),
      `--port=${port}`,
      `--socket=${join(folder, 's')}`,
      // Of its own: at its start a server removes what it takes for leftovers, also those of another one that runs.
      `--tmpdir=${folder}`,
      '--bind-address=127.0.0.1',
      '--max-connections=300',
      '--innodb-flush-log-at-trx-commit=2',
      '--skip-log-bin',
    ],
    durable: ['--innodb-flush-log-at-trx-commit=1'],
  };
}

/** As root, the command runs as that user; otherwise as whoever we are. */
function as(user: string, command: readonly string[]): string[] {
  const id = ids(user);
  const identity = id ? [`--reuid=${id.uid}`, `--regid=${id.gid}`, '--clear-groups'] : [];
  return endingWithUs('KILL', command, identity);
}

function ids(user: string): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${user}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
