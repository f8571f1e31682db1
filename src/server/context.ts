import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { Access } from '../registry/access.ts';
import type { Permissions } from '../registry/permissions.ts';
import type { Registry } from '../registry/registry.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { AccessLog } from '../telemetry/access-log.ts';
import type { MetricFamily } from '../telemetry/exposition.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { BearerTokenIssuer } from './bearer-tokens.ts';
import type { ClientAddress } from './client-address.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LoginLimiter } from './login-limiter.ts';

/** Everything the server is made of; put together once, in `start.ts`. */
export interface ServerContext {
  readonly config: Config;
  readonly database: Database;
  readonly store: ObjectStore;
  readonly registry: Registry;
  readonly access: Access;
  readonly bearerTokens: BearerTokenIssuer;
  readonly permissions: Permissions;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  /** Undefined where the log level leaves requests out. */
  readonly accessLog?: AccessLog;
  readonly metrics: Metrics;
  /** The metrics to show: of this process and of those that share its address. */
  collectMetrics(): readonly MetricFamily[] | Promise<readonly MetricFamily[]>;
  readonly addresses: ClientAddress;
  readonly loginLimiter: LoginLimiter;
}
