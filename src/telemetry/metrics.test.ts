import { describe, expect, test } from 'bun:test';
import { Metrics } from './metrics.ts';

const request = { format: 'pypi', route: 'file', method: 'GET', status: 200, seconds: 0.002 };

describe('the metrics', () => {
  test('count requests by format, route, method and class of status', () => {
    const metrics = new Metrics();
    metrics.request(request);
    metrics.request({ ...request, status: 206 });
    metrics.request({ ...request, status: 404 });
    const text = metrics.render();
    expect(text).toContain('packyard_http_requests_total{format="pypi",route="file",method="GET",status="2xx"} 2\n');
    expect(text).toContain('packyard_http_requests_total{format="pypi",route="file",method="GET",status="4xx"} 1\n');
  });

  test('give cumulative buckets that end with the count', () => {
    const metrics = new Metrics();
    for (const seconds of [0.0005, 0.001, 0.02, 1000]) metrics.request({ ...request, seconds });
    const labels = 'format="pypi",route="file",method="GET",status="2xx"';
    const name = 'packyard_http_request_duration_seconds';
    const text = metrics.render();
    expect(text).toContain(`${name}_bucket{${labels},le="0.001"} 2\n`);
    expect(text).toContain(`${name}_bucket{${labels},le="0.01"} 2\n`);
    expect(text).toContain(`${name}_bucket{${labels},le="0.025"} 3\n`);
    expect(text).toContain(`${name}_bucket{${labels},le="300"} 3\n`);
    expect(text).toContain(`${name}_bucket{${labels},le="+Inf"} 4\n`);
    expect(text).toContain(`${name}_count{${labels}} 4\n`);
  });

  test('sum the bytes of both directions', () => {
    const metrics = new Metrics();
    metrics.request({ ...request, bytesIn: 5, bytesOut: 100 });
    metrics.request({ ...request, bytesOut: 11 });
    expect(metrics.render()).toMatch(/packyard_http_received_bytes_total\{.*\} 5\n/);
    expect(metrics.render()).toMatch(/packyard_http_sent_bytes_total\{.*\} 111\n/);
  });

  test('do not let a client invent label values by its method', () => {
    const metrics = new Metrics();
    metrics.request({ ...request, method: 'X"\n' });
    expect(metrics.render()).toContain('method="other"');
  });

  test('count uploads by result and show the process', () => {
    const metrics = new Metrics();
    metrics.upload('generic', 'created');
    metrics.upload('generic', 'created');
    const text = metrics.render();
    expect(text).toContain('packyard_uploads_total{format="generic",result="created"} 2\n');
    expect(text).toMatch(/^process_resident_memory_bytes [1-9]\d+$/m);
    expect(text).toMatch(/^process_cpu_seconds_total \d/m);
  });
});
