import type { Config } from '../../config/config.ts';
import { invalid, PackyardError } from '../../model/errors.ts';
import type { MetricFamily } from '../../telemetry/exposition.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { Metrics } from '../../telemetry/metrics.ts';
import { type RunningServer, startServer } from '../start.ts';
import type { Failure, FromWorker, ToWorker } from './messages.ts';
import { PendingAnswers } from './pending-answers.ts';

/** Milliseconds that a scrape waits for the parent, which itself waits less for the other workers. */
const COLLECT_PATIENCE = 2_000;

/**
 * Becomes a worker: answers requests as the parent's settings say, until the parent says stop or is gone.
 * @param number which of the parent's workers this is; its log lines carry it
 * @throws PackyardError `invalid_request` in a process that has no such parent
 */
export async function runWorker(number: number): Promise<void> {
  const send = connectionToParent();
  const metrics = new Metrics();
  const collections = new PendingAnswers<readonly MetricFamily[]>(COLLECT_PATIENCE);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let server: RunningServer | undefined;
  let ending = false;

  const collectMetrics = async (): Promise<readonly MetricFamily[]> => {
    const own = metrics.families();
    return (await collections.ask((id) => send({ kind: 'collect', id, families: own }))) ?? own;
  };
  const start = async (config: Config): Promise<void> => {
    const logger = await createLogger({ ...config.log, fields: { worker: number } });
    server = await startServer(config, { logger, worker: { metrics, collectMetrics } });
    send({ kind: 'ready', url: server.url });
  };
  const stop = (drain: boolean): void => {
    ending = true;
    server?.stop({ drain }).then(end, end);
  };

  process.on('message', (message: ToWorker) => {
    if (message.kind === 'start')
      start(message.config).catch((error) => send({ kind: 'failed', failure: toFailure(error) }));
    else if (message.kind === 'stop') stop(true);
    else if (message.kind === 'measure') send({ kind: 'measured', id: message.id, families: metrics.families() });
    else collections.settle(message.id, message.families);
  });
  process.on('disconnect', () => {
    // Without a parent nobody can say stop. One that goes while this worker ends wants it to end at once.
    if (ending || !server) process.exit(1);
    stop(false);
  });
  // Terminals and service managers signal the whole group; the parent, who gets it too, says what is to be done.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
  send({ kind: 'hello' });
  await ended;
  process.exit(0);
}

function connectionToParent(): (message: FromWorker) => void {
  if (!process.send) throw invalid('a worker needs a parent', { hint: 'packyard serve --workers 2 starts workers' });
  const connection = process.send.bind(process);
  return (message) => {
    // Once the parent is gone there is nobody to tell.
    if (process.connected) connection(message);
  };
}

function toFailure(error: unknown): Failure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined;
  if (error instanceof PackyardError) return { code: error.code, message: error.message, hint: error.hint, cause };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), cause };
}
