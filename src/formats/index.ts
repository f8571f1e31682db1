import { apt } from './apt/index.ts';
import type { Format } from './format.ts';
import { generic } from './generic/index.ts';
import { oci } from './oci/index.ts';
import { pypi } from './pypi/index.ts';

/** Every format there is: the only list. */
export const formats: readonly Format[] = [pypi, apt, oci, generic];

const BY_ROOT = new Map(formats.flatMap((format) => (format.roots ?? []).map((root) => [root, format])));

/** Finds the format that an address outside of `/repo` belongs to, by its first segment. */
export function formatByRoot(segment: string): Format | undefined {
  return BY_ROOT.get(segment);
}

/** Finds a format by its id or by a name that older tools use for it. */
export function formatById(id: string): Format | undefined {
  return formats.find((format) => format.id === id || format.olderNames.includes(id));
}
