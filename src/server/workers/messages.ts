import type { Config } from '../../config/config.ts';
import type { ErrorCode } from '../../model/errors.ts';
import type { MetricFamily } from '../../telemetry/exposition.ts';

/** What the parent tells a worker. The settings go this way because they can hold passwords and may have changed on disk. */
export type ToWorker =
  | { readonly kind: 'start'; readonly config: Config }
  | { readonly kind: 'stop' }
  /** Answered by `measured`. */
  | { readonly kind: 'measure'; readonly id: number }
  /** Answers `collect`. */
  | { readonly kind: 'collected'; readonly id: number; readonly families: readonly MetricFamily[] };

/** What a worker tells its parent. */
export type FromWorker =
  /** It listens to the parent now; answered by `start`. */
  | { readonly kind: 'hello' }
  /** It answers requests. */
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'measured'; readonly id: number; readonly families: readonly MetricFamily[] }
  /** Somebody wants the metrics of all; here are this one's. */
  | { readonly kind: 'collect'; readonly id: number; readonly families: readonly MetricFamily[] };

/** An error on its way to another process. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly cause?: string;
}
