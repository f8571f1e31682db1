import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { RunningServer } from '../server/start.ts';
import type { CliContext, RegisterCommand } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { firstSteps } from './first-steps.ts';
import { reportError } from './report-error.ts';
import { type ServerOptions, serverFlags, withServerOptions } from './server-options.ts';
import { VERSION } from './version.ts';

export const registerServe: RegisterCommand = (program, context) => {
  withServerOptions(program.command('serve'))
    .description('run the server')
    .addHelpText(
      'after',
      '\nEvery setting can also come from the environment (PACKYARD_LISTEN, DATABASE_URL, …) or packyard.yaml;\n' +
        '`packyard config show` lists them all.',
    )
    .action(async (options: ServerOptions) => {
      const { config } = await loadConfig({ flags: serverFlags(options) });
      await serve(config, context);
    });
};

async function serve(config: Config, context: CliContext): Promise<void> {
  const { io } = context;
  const starting = start(config);
  stopOnSignal(async () => {
    io.note('stopping: running requests may finish; once more stops at once');
    await (await starting).stop();
  }, context);
  const server = await starting;
  io.data(`Packyard ${VERSION} answers at ${server.url}`);
  io.data(`Data folder: ${config.data}`);
  if (config.workers > 1) io.data(`Workers: ${config.workers}`);
  if (server.firstStart) io.data(`\n${firstSteps(server.url, server.firstStart.adminToken)}`);
  await server.stopped;
}

/** The parent of workers answers nothing itself, so it does not load what answers. */
async function start(config: Config): Promise<RunningServer> {
  if (config.workers > 1) return (await import('../server/workers/start-workers.ts')).startWorkers(config);
  return (await import('../server/start.ts')).startServer(config);
}

/** One press of Ctrl-C can arrive several times: at the process group, again from npm or the launcher, or `timeout`. */
const SAME_SIGNAL_MILLISECONDS = 300;

function stopOnSignal(stop: () => Promise<void>, context: CliContext): void {
  let first: number | undefined;
  const handle = (): void => {
    const now = performance.now();
    if (first !== undefined) {
      if (now - first > SAME_SIGNAL_MILLISECONDS) process.exit(EXIT.interrupted);
      return;
    }
    first = now;
    stop().then(
      () => process.exit(EXIT.ok),
      (error: unknown) => {
        reportError(context.io, error, false);
        process.exit(EXIT.failure);
      },
    );
  };
  process.on('SIGTERM', handle);
  process.on('SIGINT', handle);
}
