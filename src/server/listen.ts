import type { ListenAddress } from '../config/config.ts';
import { PackyardError } from '../model/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { createHandler } from './handle.ts';

/** Seconds without a byte in either direction after which a connection is given up; a slow upload is not idle. */
const IDLE_SECONDS = 120;

export interface ListenOptions {
  readonly fetch: ReturnType<typeof createHandler>;
  readonly logger: Logger;
  /** Other processes may listen at the same address, if they allow it too; the system deals connections out among them. */
  readonly shared: boolean;
}

/**
 * Answers requests at an address.
 * @throws PackyardError `unavailable` when it is taken or not of this machine
 */
export function listen({ host, port }: ListenAddress, { fetch, logger, shared }: ListenOptions): Bun.Server<undefined> {
  try {
    return Bun.serve({
      hostname: host,
      port,
      // Bun's default is true: a second server at the same address would start and take half of the requests.
      reusePort: shared,
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
    throw addressTaken({ host, port }, cause);
  }
}

/**
 * Finds an address for several processes: one that nobody has, not even a program that would share it, with its port.
 * @throws PackyardError `unavailable` when it is taken or not of this machine
 */
export function findAddress({ host, port }: ListenAddress): ListenAddress {
  try {
    const probe = Bun.listen({ hostname: host, port, exclusive: true, socket: { data: () => {} } });
    probe.stop(true);
    return { host, port: probe.port };
  } catch (cause) {
    throw addressTaken({ host, port }, cause);
  }
}

function addressTaken({ host, port }: ListenAddress, cause: unknown): PackyardError {
  return new PackyardError('unavailable', `cannot listen on ${host}:${port}`, {
    hint: 'another program has this port, or the address is not this machine’s; choose another with --listen HOST:PORT',
    cause,
  });
}
