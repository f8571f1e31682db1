import { type MetricFamily, renderExposition, type Sample } from './exposition.ts';
import { processMetrics } from './process-metrics.ts';

/** One finished request. Every text must come from a small closed set, never from the path or a header. */
export interface RequestFacts {
  /** A format's id, or `server` for everything that belongs to none. */
  readonly format: string;
  /** The kind of route: `file`, `index`, `upload`, `api`, `page`, … */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
  /** Bytes of the request's body, where they are known. */
  readonly bytesIn?: number;
  /** Bytes of the response's body, where they are known. */
  readonly bytesOut?: number;
}

export type UploadResult = 'created' | 'replaced' | 'unchanged' | 'refused';

/** Upper bounds in seconds: from an index out of memory to an upload of many gigabytes. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

interface RequestCell {
  readonly labels: Readonly<Record<string, string>>;
  /** One count for each bound and one above them all. */
  readonly buckets: Float64Array;
  sum: number;
  bytesIn: number;
  bytesOut: number;
}

/**
 * Counters of one server. Recording a request is one look-up and a few additions, since it happens 30,000 times a second;
 * the Prometheus text is made when somebody asks.
 */
export class Metrics {
  readonly #requests = new Map<string, RequestCell>();
  readonly #uploads = new Map<string, { readonly labels: Readonly<Record<string, string>>; count: number }>();

  request(facts: RequestFacts): void {
    const method = METHODS.has(facts.method) ? facts.method : 'other';
    const status = Math.floor(facts.status / 100);
    const key = `${facts.format} ${facts.route} ${method} ${status}`;
    let cell = this.#requests.get(key);
    if (!cell) {
      cell = {
        labels: { format: facts.format, route: facts.route, method, status: `${status}xx` },
        buckets: new Float64Array(BOUNDS.length + 1),
        sum: 0,
        bytesIn: 0,
        bytesOut: 0,
      };
      this.#requests.set(key, cell);
    }
    let index = 0;
    while (index < BOUNDS.length && facts.seconds > (BOUNDS[index] ?? 0)) index += 1;
    cell.buckets[index] = (cell.buckets[index] ?? 0) + 1;
    cell.sum += facts.seconds;
    cell.bytesIn += facts.bytesIn ?? 0;
    cell.bytesOut += facts.bytesOut ?? 0;
  }

  upload(format: string, result: UploadResult): void {
    const key = `${format} ${result}`;
    const known = this.#uploads.get(key);
    if (known) known.count += 1;
    else this.#uploads.set(key, { labels: { format, result }, count: 1 });
  }

  /** Everything as Prometheus text. */
  render(): string {
    return renderExposition(this.families());
  }

  /** Everything, and the figures of this process. */
  families(): readonly MetricFamily[] {
    const cells = [...this.#requests.values()];
    const each = (value: (cell: RequestCell) => number): Sample[] =>
      cells.map((cell) => ({ labels: cell.labels, value: value(cell) }));
    return [
      {
        name: 'packyard_http_requests_total',
        help: 'Requests answered.',
        type: 'counter',
        samples: each(countOf),
      },
      {
        name: 'packyard_http_request_duration_seconds',
        help: 'Time from the arrival of a request to its answer.',
        type: 'histogram',
        samples: cells.flatMap(histogramSamples),
      },
      {
        name: 'packyard_http_received_bytes_total',
        help: 'Bytes of request bodies.',
        type: 'counter',
        samples: each((cell) => cell.bytesIn),
      },
      {
        name: 'packyard_http_sent_bytes_total',
        help: 'Bytes of response bodies.',
        type: 'counter',
        samples: each((cell) => cell.bytesOut),
      },
      {
        name: 'packyard_uploads_total',
        help: 'Files offered for publishing, by what became of them.',
        type: 'counter',
        samples: [...this.#uploads.values()].map(({ labels, count }) => ({ labels, value: count })),
      },
      ...processMetrics(),
    ];
  }
}

function countOf(cell: RequestCell): number {
  return cell.buckets.reduce((total, count) => total + count, 0);
}

/** Buckets are cumulative on the wire. */
function histogramSamples(cell: RequestCell): Sample[] {
  let total = 0;
  const buckets = Array.from(cell.buckets, (count, index): Sample => {
    total += count;
    const le = index < BOUNDS.length ? String(BOUNDS[index]) : '+Inf';
    return { suffix: '_bucket', labels: { ...cell.labels, le }, value: total };
  });
  return [
    ...buckets,
    { suffix: '_sum', labels: cell.labels, value: cell.sum },
    { suffix: '_count', labels: cell.labels, value: total },
  ];
}
