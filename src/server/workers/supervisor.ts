import type { Config } from '../../config/config.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { RestartPause } from './restart-pause.ts';
import { WorkerMetrics } from './worker-metrics.ts';
import { WorkerProcess } from './worker-process.ts';

/** Milliseconds beyond the time that the settings allow, after which a worker that does not end is killed. */
const LAST_GRACE = 5_000;

export interface SupervisorOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** The program and its arguments that become the worker of that number. */
  command(number: number): readonly string[];
}

/** Keeps `config.workers` workers running from `start` to `stop`. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #metrics = new WorkerMetrics();
  readonly #workers = new Map<number, WorkerProcess>();
  readonly #pauses = new Map<number, RestartPause>();
  readonly #restarts = new Set<ReturnType<typeof setTimeout>>();
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /**
   * Starts them and waits until all of them answer.
   * @returns their address
   * @throws PackyardError the first failure of one; none is left running then
   */
  async start(): Promise<string> {
    const workers = Array.from({ length: this.#options.config.workers }, (_, index) => this.#spawn(index + 1));
    try {
      const [url = ''] = await Promise.all(workers.map((worker) => worker.ready));
      for (const worker of workers) this.#watch(worker);
      return url;
    } catch (error) {
      for (const worker of workers) worker.kill();
      await Promise.all(workers.map((worker) => worker.exited));
      throw error;
    }
  }

  /** Lets all of them finish what they do, then end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    const { config, logger } = this.#options;
    const workers = [...this.#workers.values()];
    for (const worker of workers) worker.stop();
    const patience = (config.drainSeconds + config.shutdownSeconds) * 1000 + LAST_GRACE;
    const timer = setTimeout(() => {
      for (const worker of this.#workers.values()) {
        logger.warn({ worker: worker.number }, 'worker does not end: killed');
        worker.kill();
      }
    }, patience);
    await Promise.all(workers.map((worker) => worker.exited));
    clearTimeout(timer);
  }

  #spawn(number: number): WorkerProcess {
    const worker = new WorkerProcess({
      number,
      config: this.#options.config,
      command: this.#options.command(number),
      collectMetrics: (asker, own) => this.#metrics.collect(asker, own),
    });
    this.#workers.set(number, worker);
    worker.ready.then(
      () => this.#metrics.add(worker),
      () => {},
    );
    void worker.exited.then(() => {
      this.#metrics.remove(worker);
      if (this.#workers.get(number) === worker) this.#workers.delete(number);
    });
    return worker;
  }

  /** Sees to it that there is another one when this one ends. */
  #watch(worker: WorkerProcess): void {
    const { number } = worker;
    const { logger } = this.#options;
    const started = performance.now();
    void worker.exited.then(async (ended) => {
      if (this.#stopping) return;
      const pause = this.#pause(number).after(performance.now() - started);
      const err = await worker.ready.then(
        () => undefined,
        (error: unknown) => error,
      );
      logger.error({ worker: number, ended, err, pauseMilliseconds: pause }, 'worker ended; it is started again');
      const timer = setTimeout(() => {
        this.#restarts.delete(timer);
        this.#metrics.countRestart();
        this.#watch(this.#spawn(number));
      }, pause);
      this.#restarts.add(timer);
    });
  }

  #pause(number: number): RestartPause {
    const pause = this.#pauses.get(number) ?? new RestartPause();
    this.#pauses.set(number, pause);
    return pause;
  }
}
