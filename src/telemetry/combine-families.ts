import type { MetricFamily, Sample } from './exposition.ts';

/** One set of metrics out of those of several processes: equal samples are added up, or combined as their family says. */
export function combineFamilies(sets: Iterable<readonly MetricFamily[]>): readonly MetricFamily[] {
  const combined = new Map<string, { readonly family: MetricFamily; readonly samples: Map<string, Sample> }>();
  for (const family of [...sets].flat()) {
    let entry = combined.get(family.name);
    if (!entry) {
      entry = { family, samples: new Map() };
      combined.set(family.name, entry);
    }
    for (const sample of family.samples) {
      const key = JSON.stringify([sample.suffix, sample.labels]);
      const known = entry.samples.get(key);
      entry.samples.set(
        key,
        known ? { ...known, value: COMBINE[family.combine ?? 'sum'](known.value, sample.value) } : sample,
      );
    }
  }
  return Array.from(combined.values(), ({ family, samples }) => ({ ...family, samples: [...samples.values()] }));
}

const COMBINE = { sum: (a: number, b: number) => a + b, min: Math.min, max: Math.max } as const;

/** What only ever grows: all that remains of a process that has ended. */
export function onlyCounters(families: readonly MetricFamily[]): readonly MetricFamily[] {
  return families.filter((family) => family.type !== 'gauge');
}
