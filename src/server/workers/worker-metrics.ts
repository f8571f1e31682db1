import { combineFamilies, onlyCounters } from '../../telemetry/combine-families.ts';
import type { MetricFamily } from '../../telemetry/exposition.ts';
import { processMetrics } from '../../telemetry/process-metrics.ts';

/** A process that can be asked for its metrics. */
interface Measured {
  measure(): Promise<readonly MetricFamily[] | undefined>;
}

/**
 * The metrics of all workers, kept by their parent. Counters never go backwards: of a worker that does not answer, or has
 * ended, the last values that it told go on counting.
 */
export class WorkerMetrics {
  readonly #last = new Map<Measured, readonly MetricFamily[]>();
  #ended: readonly MetricFamily[] = [];
  #restarts = 0;

  /** From now on the worker is asked. */
  add(worker: Measured): void {
    this.#last.set(worker, []);
  }

  /** The worker has ended. */
  remove(worker: Measured): void {
    this.#ended = combineFamilies([this.#ended, onlyCounters(this.#last.get(worker) ?? [])]);
    this.#last.delete(worker);
  }

  countRestart(): void {
    this.#restarts += 1;
  }

  /**
   * Asks all of them, with bounded patience.
   * @param asker the worker that has been asked itself, which is not asked again
   * @param own its metrics
   */
  async collect(asker: Measured, own: readonly MetricFamily[]): Promise<readonly MetricFamily[]> {
    this.#note(asker, own);
    const answers = await Promise.all(
      [...this.#last.keys()].map(async (worker) => {
        const families = worker === asker ? own : await worker.measure();
        if (families && worker !== asker) this.#note(worker, families);
        return families !== undefined;
      }),
    );
    const answering = answers.filter((answered) => answered).length;
    const family = (name: string, help: string, type: MetricFamily['type'], samples: MetricFamily['samples']) => [
      { name, help, type, samples },
    ];
    return combineFamilies([
      family('packyard_workers', 'Worker processes, by whether they answered this scrape in time.', 'gauge', [
        { labels: { state: 'answering' }, value: answering },
        { labels: { state: 'silent' }, value: answers.length - answering },
      ]),
      family('packyard_worker_restarts_total', 'Workers that ended and were started again.', 'counter', [
        { value: this.#restarts },
      ]),
      this.#ended,
      ...this.#last.values(),
      processMetrics(),
    ]);
  }

  #note(worker: Measured, families: readonly MetricFamily[]): void {
    if (this.#last.has(worker)) this.#last.set(worker, families);
  }
}
