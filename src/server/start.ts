import type { Config } from '../config/config.ts';
import { Permissions } from '../registry/permissions.ts';
import { AccessLog } from '../telemetry/access-log.ts';
import type { MetricFamily } from '../telemetry/exposition.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { createApp } from './app.ts';
import { BearerTokenIssuer } from './bearer-tokens.ts';
import { ClientAddress } from './client-address.ts';
import { ensureAdmin } from './first-start.ts';
import { createHandler } from './handle.ts';
import { startHousekeeping } from './housekeeping.ts';
import { Lifecycle } from './lifecycle.ts';
import { listen } from './listen.ts';
import { LoginLimiter } from './login-limiter.ts';
import { openPlaces } from './open-places.ts';

/** Milliseconds between two notes of when tokens were used. */
const TOKEN_USE_INTERVAL = 60_000;

export interface RunningServer {
  /** Where it answers, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Present at the very first start of this data folder: the only time that the token is shown. */
  readonly firstStart?: { readonly adminToken: string };
  /**
   * Goes on answering for `drainSeconds` while `/readyz` says that it is ending (not with `drain: false`), stops listening,
   * lets running requests finish (as long as `shutdownSeconds`), then closes everything.
   */
  stop(options?: { readonly drain?: boolean }): Promise<void>;
  readonly stopped: Promise<void>;
}

/** What makes a server one of several that share an address on this machine. */
export interface WorkerRole {
  readonly metrics: Metrics;
  /** The metrics of all of them together. */
  collectMetrics(): Promise<readonly MetricFamily[]>;
}

export interface StartOptions {
  readonly logger?: Logger;
  /** Whoever starts the workers sees to the first token and to an address that nobody else has. */
  readonly worker?: WorkerRole;
}

/**
 * Opens database and storage, brings them up to date and answers requests.
 * @throws PackyardError when a place cannot be opened or the address is taken
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const logger = options.logger ?? (await createLogger(config.log));
  const places = await openPlaces(config, {
    onBackgroundError: (err) => logger.warn({ err }, 'an index was not finished in the background'),
  });
  const { database, store, registry, access } = places;
  const metrics = options.worker?.metrics ?? new Metrics();
  const lifecycle = new Lifecycle();
  const context = {
    config,
    database,
    store,
    registry,
    access,
    bearerTokens: new BearerTokenIssuer(places.secretBox, access),
    logger,
    lifecycle,
    accessLog: AccessLog.of(logger),
    permissions: new Permissions(config.anonymous),
    metrics,
    collectMetrics: () => options.worker?.collectMetrics() ?? metrics.families(),
    addresses: new ClientAddress(config.trustedProxies),
    loginLimiter: new LoginLimiter(config.limits.failedLoginsPerMinute),
  };
  const fetch = lifecycle.guard(createHandler(createApp(context), context));
  const server = listen(config.listen, { fetch, logger, shared: options.worker !== undefined });
  const adminToken = options.worker ? undefined : await ensureAdmin(access);
  const noting = setInterval(
    () => void access.flush().catch((err: unknown) => logger.warn({ err }, 'token use not noted')),
    TOKEN_USE_INTERVAL,
  );
  const housekeeping = startHousekeeping(context);
  const url = `http://${server.hostname?.includes(':') ? `[${server.hostname}]` : server.hostname}:${server.port}`;
  logger.info({ url, database: config.database.kind, storage: store.description }, 'started');

  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  const stop = async (drainSeconds: number): Promise<void> => {
    lifecycle.phase = 'draining';
    if (drainSeconds > 0) {
      logger.info({ seconds: drainSeconds }, 'draining');
      await Bun.sleep(drainSeconds * 1000);
    }
    clearInterval(noting);
    const housekeepingEnds = housekeeping.stop();
    const patience = setTimeout(() => void server.stop(true), config.shutdownSeconds * 1000);
    await server.stop();
    clearTimeout(patience);
    lifecycle.phase = 'closed';
    await access.flush().catch(() => {});
    await housekeepingEnds;
    await registry.indexes.stop();
    await places.close();
    logger.info({}, 'stopped');
    logger.flush();
    resolve();
  };
  return {
    url,
    firstStart: adminToken === undefined ? undefined : { adminToken },
    stop: ({ drain = true } = {}) => {
      stopping ??= stop(drain ? config.drainSeconds : 0);
      return stopping;
    },
    stopped,
  };
}
