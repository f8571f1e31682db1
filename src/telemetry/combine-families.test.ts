import { describe, expect, test } from 'bun:test';
import { combineFamilies, onlyCounters } from './combine-families.ts';
import { type MetricFamily, renderExposition } from './exposition.ts';
import { Metrics } from './metrics.ts';

const request = { format: 'pypi', route: 'file', method: 'GET', status: 200, seconds: 0.002 };

describe('the metrics of several processes', () => {
  test('are the sums of their counters and histograms', () => {
    const [one, two] = [new Metrics(), new Metrics()];
    one.request({ ...request, bytesOut: 100 });
    two.request({ ...request, bytesOut: 11, seconds: 0.02 });
    two.request({ ...request, status: 404 });
    two.upload('generic', 'created');
    const text = renderExposition(combineFamilies([one.families(), two.families()]));
    const labels = 'format="pypi",route="file",method="GET",status="2xx"';
    expect(text).toContain(`packyard_http_requests_total{${labels}} 2\n`);
    expect(text).toContain(`packyard_http_sent_bytes_total{${labels}} 111\n`);
    expect(text).toContain(`packyard_http_request_duration_seconds_bucket{${labels},le="0.01"} 1\n`);
    expect(text).toContain(`packyard_http_request_duration_seconds_bucket{${labels},le="+Inf"} 2\n`);
    expect(text).toContain('packyard_http_requests_total{format="pypi",route="file",method="GET",status="4xx"} 1\n');
    expect(text).toContain('packyard_uploads_total{format="generic",result="created"} 1\n');
  });

  test('name each family once, with all its samples below it', () => {
    const lines = renderExposition(combineFamilies([new Metrics().families(), new Metrics().families()])).split('\n');
    const names = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
    expect(names.length).toBeGreaterThan(3);
    expect(new Set(names).size).toBe(names.length);
  });

  test('take the smallest or the greatest where a sum would say nothing', () => {
    const gauge = (combine: MetricFamily['combine'], value: number): MetricFamily => ({
      name: `g_${combine}`,
      help: '',
      type: 'gauge',
      samples: [{ value }],
      combine,
    });
    const sets = [3, 5].map((value) => [gauge('min', value), gauge('max', value), gauge(undefined, value)]);
    expect(combineFamilies(sets).map((family) => family.samples[0]?.value)).toEqual([3, 5, 8]);
  });

  test('keep of one that has ended only what must not go backwards', () => {
    const left = onlyCounters(new Metrics().families()).map((family) => family.name);
    expect(left).toContain('process_cpu_seconds_total');
    expect(left).toContain('packyard_http_request_duration_seconds');
    expect(left).not.toContain('process_resident_memory_bytes');
  });
});
