import { readdirSync, readFileSync } from 'node:fs';
import type { MetricFamily } from './exposition.ts';

/**
 * The process's own figures under the names that every Prometheus client uses. Measured here and not by a library: those
 * for Node report V8 heap spaces and event-loop statistics that do not exist in Bun.
 */
export function processMetrics(): readonly MetricFamily[] {
  const { user, system } = process.cpuUsage();
  const started = Math.round(performance.timeOrigin) / 1000;
  const families: MetricFamily[] = [
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', started, 'min'),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', process.memoryUsage.rss()),
    {
      name: 'process_cpu_seconds_total',
      help: 'Total user and system CPU time spent in seconds.',
      type: 'counter',
      samples: [{ value: (user + system) / 1e6 }],
    },
  ];
  // Only Linux shows these two; elsewhere they are left out, as Prometheus' own clients do. The limit is each process's
  // own, so of several the one that is nearest to it counts.
  const open = attempt(() => readdirSync('/proc/self/fd').length);
  if (open !== undefined) families.push(gauge('process_open_fds', 'Number of open file descriptors.', open, 'max'));
  const most = attempt(() => /^Max open files +([0-9]+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
  if (most !== undefined)
    families.push(gauge('process_max_fds', 'Maximum number of open file descriptors.', Number(most), 'min'));
  return families;
}

function gauge(name: string, help: string, value: number, combine?: MetricFamily['combine']): MetricFamily {
  return { name, help, type: 'gauge', samples: [{ value }], combine };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
