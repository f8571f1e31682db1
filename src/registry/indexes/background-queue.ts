import type { IndexObjectRow } from '../../database/queries/index-objects.ts';
import type { RegistryContext } from '../context.ts';
import { type BackgroundJob, buildInBackground, isWanting } from './background-builder.ts';
import type { IndexSlot } from './index-slot.ts';
import type { IndexSource } from './index-state.ts';

export interface BackgroundQueueOptions {
  /** Milliseconds from a change to the work that it makes necessary. */
  readonly delay: number;
  /** How long what was replaced is still given out, in milliseconds. */
  readonly keep: number;
  /** Told of work that failed; it begins again with the next change. */
  readonly onError?: (error: unknown) => void;
}

interface Waiting {
  readonly timer: ReturnType<typeof setTimeout>;
  /** The newest of what was asked for: what is made is as new as it can be. */
  work: () => Promise<void>;
}

/**
 * What takes longer of the indices, made a while after the first change that makes it necessary. Where changes never end, half
 * of the time at the most goes into it.
 */
export class BackgroundQueue {
  readonly #context: RegistryContext;
  readonly #options: BackgroundQueueOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #running = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  constructor(context: RegistryContext, options: BackgroundQueueOptions) {
    this.#context = context;
    this.#options = options;
  }

  /**
   * Has the documents made that an index lacks, or forgets about it when it lacks none.
   * @param done called when there are new ones
   */
  offer(
    slot: IndexSlot,
    asked: Pick<BackgroundJob, 'source' | 'state'>,
    present: readonly IndexObjectRow[],
    done: () => Promise<unknown>,
  ): void {
    const { background } = asked.source.plan;
    if (!background || this.#ending.signal.aborted) return;
    const key = keyOf(asked.source);
    const job = { ...asked, background, keep: this.#options.keep, signal: this.#ending.signal };
    const waiting = this.#waiting.get(key);
    if (!isWanting(job, present)) {
      clearTimeout(waiting?.timer);
      this.#waiting.delete(key);
      return;
    }
    const work = async () => {
      const begun = performance.now();
      if (!(await buildInBackground(this.#context, job))) return;
      slot.backgroundTook = performance.now() - begun;
      await done();
    };
    if (waiting) waiting.work = work;
    else this.#waiting.set(key, { timer: this.#start(key, slot.backgroundTook), work });
  }

  /** Starts nothing more, and waits for what has begun. */
  async stop(): Promise<void> {
    this.#ending.abort();
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    await Promise.all(this.#running);
  }

  #start(key: string, took: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(
      () => {
        const work = this.#waiting.get(key)?.work;
        this.#waiting.delete(key);
        if (!work) return;
        const running = work()
          .catch((error: unknown) => {
            if (!this.#ending.signal.aborted) this.#options.onError?.(error);
          })
          .finally(() => this.#running.delete(running));
        this.#running.add(running);
      },
      Math.max(this.#options.delay, took),
    );
    timer.unref();
    return timer;
  }
}

function keyOf({ repositoryId, name }: IndexSource): string {
  return `${repositoryId}:${name}`;
}
