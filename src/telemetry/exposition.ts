/** One sample line: labels and a value. `suffix` is `_bucket`, `_sum` or `_count` of a histogram. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  readonly suffix?: string;
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
  /** What becomes of the values that several processes have for one sample; `sum` if left out. */
  readonly combine?: 'sum' | 'min' | 'max';
}

export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Writes metrics as Prometheus reads them (text exposition format 0.0.4). */
export function renderExposition(families: Iterable<MetricFamily>): string {
  let text = '';
  for (const family of families) {
    text += `# HELP ${family.name} ${family.help}\n# TYPE ${family.name} ${family.type}\n`;
    for (const { labels = {}, value, suffix = '' } of family.samples) {
      const pairs = Object.entries(labels).map(([name, label]) => `${name}="${escapeLabel(label)}"`);
      text += `${family.name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${formatValue(value)}\n`;
    }
  }
  return text;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return Number.isNaN(value) ? 'NaN' : String(value);
}
