import { mkdirSync } from 'node:fs';
import type { Config, DatabaseLocation, StorageLocation } from '../config/config.ts';
import { openDatabase } from '../database/database.ts';
import { PackyardError } from '../model/errors.ts';
import { createRegistry } from '../registry/create-registry.ts';
import { Permissions } from '../registry/permissions.ts';
import { HotObjects } from '../storage/hot-objects.ts';
import { openObjectStore } from '../storage/open-object-store.ts';
import { AccessLog } from '../telemetry/access-log.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { createApp } from './app.ts';
import { ClientAddress } from './client-address.ts';
import { ensureAdmin } from './first-start.ts';
import { createHandler } from './handle.ts';
import { LoginLimiter } from './login-limiter.ts';

/** Seconds without a byte in either direction after which a connection is given up; a slow upload is not idle. */
const IDLE_SECONDS = 120;
/** Memory for small files that are fetched often. */
const HOT_OBJECTS_BYTES = 16 * 1024 * 1024;
/** Milliseconds between two notes of when tokens were used. */
const TOKEN_USE_INTERVAL = 60_000;

export interface RunningServer {
  /** Where it answers, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Present at the very first start of this data folder: the only time that the token is shown. */
  readonly firstStart?: { readonly adminToken: string };
  /** Stops listening, lets running requests finish (as long as `shutdownSeconds`), then closes everything. */
  stop(): Promise<void>;
  readonly stopped: Promise<void>;
}

/**
 * Opens database and storage, brings them up to date and answers requests.
 * @throws PackyardError when a place cannot be opened or the address is taken
 */
export async function startServer(config: Config, options: { readonly logger?: Logger } = {}): Promise<RunningServer> {
  const logger = options.logger ?? (await createLogger(config.log));
  // What is stored is for this user and its group, also where SQLite makes the file.
  process.umask(0o027);
  if (needsFolder(config)) mkdirSync(config.data, { recursive: true, mode: 0o750 });
  const database = await openDatabase(databaseUrl(config.database));
  const store = new HotObjects(await openObjectStore(storageUrl(config.storage)), HOT_OBJECTS_BYTES);
  const { registry, access } = createRegistry({ database, store, documentCacheBytes: config.cache.documentsBytes });
  const context = {
    config,
    database,
    store,
    registry,
    access,
    logger,
    accessLog: AccessLog.of(logger),
    permissions: new Permissions(config.anonymous),
    metrics: new Metrics(),
    addresses: new ClientAddress(config.trustedProxies),
    loginLimiter: new LoginLimiter(config.limits.failedLoginsPerMinute),
  };
  const server = listen(config, createHandler(createApp(context), context), logger);
  const adminToken = await ensureAdmin(database, access);
  const noting = setInterval(
    () => void access.flush().catch((err: unknown) => logger.warn({ err }, 'token use not noted')),
    TOKEN_USE_INTERVAL,
  );
  const url = `http://${server.hostname?.includes(':') ? `[${server.hostname}]` : server.hostname}:${server.port}`;
  logger.info({ url, database: config.database.kind, storage: store.description }, 'started');

  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    clearInterval(noting);
    const patience = setTimeout(() => void server.stop(true), config.shutdownSeconds * 1000);
    await server.stop();
    clearTimeout(patience);
    await access.flush().catch(() => {});
    await database.close();
    logger.info({}, 'stopped');
    logger.flush();
    resolve();
  };
  return {
    url,
    firstStart: adminToken === undefined ? undefined : { adminToken },
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
    stopped,
  };
}

function listen(config: Config, fetch: ReturnType<typeof createHandler>, logger: Logger) {
  const { host, port } = config.listen;
  try {
    return Bun.serve({
      hostname: host,
      port,
      // Bun's default is true: a second server at the same address would start and take half of the requests.
      reusePort: false,
      fetch,
      development: false,
      idleTimeout: IDLE_SECONDS,
      // Uploads are limited by `limits.upload_bytes`, while they stream.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      error: (error) => {
        logger.error({ err: error }, 'connection failed');
        return new Response('internal error\n', { status: 500 });
      },
    });
  } catch (cause) {
    throw new PackyardError('unavailable', `cannot listen on ${host}:${port}`, {
      hint: 'another program has this port, or the address is not this machine’s; choose another with --listen HOST:PORT',
      cause,
    });
  }
}

function needsFolder(config: Config): boolean {
  return (config.database.kind === 'sqlite' && config.database.path !== ':memory:') || config.storage.kind !== 'memory';
}

export function databaseUrl(location: DatabaseLocation): string {
  return location.kind === 'sqlite' ? `sqlite:${location.path}` : location.url;
}

function storageUrl(location: StorageLocation): string {
  return location.kind === 'file' ? `file:${location.path}` : 'memory:';
}
