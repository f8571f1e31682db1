import type { IndexRecord } from '../../client/api-types.ts';
import { table } from '../table.ts';

/** A distribution's settings, one a line. */
export function describeDist({ name, settings }: IndexRecord): string {
  const rows = Object.entries(settings).map(([setting, value]) => [
    setting,
    Array.isArray(value) ? value.join(', ') : String(value),
  ]);
  return table(['distribution', name], rows);
}
