import type { Config } from '../../config/config.ts';
import { invalid } from '../../model/errors.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { ensureAdmin } from '../first-start.ts';
import { findAddress } from '../listen.ts';
import { openAccess } from '../open-access.ts';
import type { RunningServer } from '../start.ts';
import { Supervisor } from './supervisor.ts';
import { workerCommand } from './worker-command.ts';

/**
 * Starts `config.workers` processes that answer at one address, and keeps them running. This process only looks after them.
 * @throws PackyardError when a place cannot be opened, the address is taken, or the settings leave nothing to share
 */
export async function startWorkers(config: Config): Promise<RunningServer> {
  refuseUnshareable(config);
  const logger = await createLogger(config.log);
  const { access, close } = await openAccess(config);
  const supervisor = new Supervisor({
    config: { ...config, listen: findAddress(config.listen) },
    logger,
    command: workerCommand,
  });
  let url: string;
  let adminToken: string | undefined;
  try {
    url = await supervisor.start();
    adminToken = await ensureAdmin(access);
  } catch (error) {
    await supervisor.stop();
    throw error;
  } finally {
    await close();
  }
  logger.info({ url, workers: config.workers }, 'started');

  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await supervisor.stop();
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

function refuseUnshareable({ workers, database, storage }: Config): void {
  if (process.platform !== 'linux') {
    throw invalid(`workers: ${workers} processes can share a port on Linux only`, {
      hint: 'leave workers at 1; elsewhere, start several servers on ports of their own behind a load balancer',
    });
  }
  if (storage.kind === 'memory' || (database.kind === 'sqlite' && database.path === ':memory:')) {
    throw invalid(`workers: ${workers} processes cannot share what one keeps in its memory`, {
      hint: 'leave workers at 1, or set database and storage to places that last',
    });
  }
}
