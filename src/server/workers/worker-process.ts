import type { Config } from '../../config/config.ts';
import { PackyardError } from '../../model/errors.ts';
import type { MetricFamily } from '../../telemetry/exposition.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { PendingAnswers } from './pending-answers.ts';

/** Milliseconds that a scrape waits for a worker. */
const MEASURE_PATIENCE = 1_000;

export interface WorkerOptions {
  readonly number: number;
  readonly config: Config;
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** The worker asks for the metrics of all, and sends its own. */
  collectMetrics(worker: WorkerProcess, own: readonly MetricFamily[]): Promise<readonly MetricFamily[]>;
}

/** One worker, as its parent sees it. It ends by itself when the parent does. */
export class WorkerProcess {
  readonly number: number;
  /** Its address, once it answers; a rejection when it ends before that. */
  readonly ready: Promise<string>;
  /** How it ended, e.g. `SIGKILL` or `exit code 1`. */
  readonly exited: Promise<string>;
  readonly #process: Bun.Subprocess;
  readonly #measurements = new PendingAnswers<readonly MetricFamily[]>(MEASURE_PATIENCE);
  #isReady = false;

  constructor({ number, config, command, collectMetrics }: WorkerOptions) {
    this.number = number;
    const ready = Promise.withResolvers<string>();
    const exited = Promise.withResolvers<string>();
    this.ready = ready.promise;
    this.exited = exited.promise;
    // Whoever wants to know waits for it; a worker that nobody waits for any more may fail.
    this.ready.catch(() => {});
    const hear = async (message: FromWorker): Promise<void> => {
      switch (message.kind) {
        case 'hello':
          return this.#send({ kind: 'start', config });
        case 'ready':
          this.#isReady = true;
          return ready.resolve(message.url);
        case 'failed': {
          const { code, message: text, hint, cause } = message.failure;
          ready.reject(new PackyardError(code, text, { hint, cause: cause && new Error(cause) }));
          // It waits for this, so that its message arrives before its end.
          return this.kill();
        }
        case 'measured':
          return this.#measurements.settle(message.id, message.families);
        case 'collect':
          return this.#send({
            kind: 'collected',
            id: message.id,
            families: await collectMetrics(this, message.families),
          });
      }
    };
    this.#process = Bun.spawn([...command], {
      stdio: ['ignore', 'inherit', 'inherit'],
      ipc: (message: FromWorker) => void hear(message),
      onExit: (_, code, signal) => {
        const ending = signal === null ? `exit code ${code}` : String(signal);
        ready.reject(
          new PackyardError('unavailable', `worker ${number} ended before it could answer: ${ending}`, {
            hint: 'what it wrote before this line has the cause',
          }),
        );
        exited.resolve(ending);
      },
    });
  }

  /** Its metrics; undefined when it does not say them in time. */
  measure(): Promise<readonly MetricFamily[] | undefined> {
    return this.#measurements.ask((id) => this.#send({ kind: 'measure', id }));
  }

  /** Lets it finish what it does. One that has not begun has nothing to finish. */
  stop(): void {
    if (this.#isReady) this.#send({ kind: 'stop' });
    else this.kill();
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #send(message: ToWorker): void {
    try {
      this.#process.send(message);
    } catch {
      // It has ended: `exited` tells.
    }
  }
}
