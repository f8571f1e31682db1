import { DatabaseServer } from '../support/database-server.ts';
import { hasS3Server, s3Server } from '../support/seaweedfs.ts';

/** How it ends where a server is not installed. */
const NOT_INSTALLED = 77;

/** A server that runs for one command: the variables that name it, and how it ends. */
interface Running extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
}

const SERVERS = {
  postgres: { isInstalled: () => DatabaseServer.isInstalled('postgres'), start: () => startDatabase('postgres') },
  mariadb: { isInstalled: () => DatabaseServer.isInstalled('mariadb'), start: () => startDatabase('mariadb') },
  s3: { isInstalled: hasS3Server, start: startObjectStore },
};

/**
 * `bun tests/servers/with-servers.ts postgres|mariadb|s3… -- COMMAND…`: runs a command with `TEST_DATABASE_URL` and
 * `TEST_S3_URL` naming servers that are there for this command alone, and ends with its exit code.
 */
const separator = Bun.argv.indexOf('--');
const names = Bun.argv.slice(2, separator);
const command = Bun.argv.slice(separator + 1);
if (separator < 0 || command.length === 0 || !names.every((name) => name in SERVERS)) {
  throw new Error(`usage: with-servers.ts ${Object.keys(SERVERS).join('|')}… -- COMMAND…`);
}
process.exit(await runWith(names as (keyof typeof SERVERS)[]));

async function runWith(wanted: readonly (keyof typeof SERVERS)[]): Promise<number> {
  if (!wanted.every((name) => SERVERS[name].isInstalled())) return NOT_INSTALLED;
  await using stack = new AsyncDisposableStack();
  const started = await Promise.all(wanted.map(async (name) => stack.use(await SERVERS[name].start())));
  const child = Bun.spawn(command, {
    env: Object.assign({ ...process.env }, ...started.map(({ env }) => env)),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  // Whoever interrupts the tests gets the servers ended as well: the command ends, and with it this function.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return await child.exited;
}

async function startDatabase(kind: 'postgres' | 'mariadb'): Promise<Running> {
  const server = await DatabaseServer.start(kind);
  return { env: { TEST_DATABASE_URL: server.url }, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** It ends with this process. */
async function startObjectStore(): Promise<Running> {
  const { endpoint, admin } = await s3Server();
  const { accessKeyId, secretAccessKey } = admin;
  const url = endpoint.replace('://', `://${accessKeyId}:${secretAccessKey}@`);
  return { env: { TEST_S3_URL: url }, [Symbol.asyncDispose]: async () => {} };
}
