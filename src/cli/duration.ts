import { parseDuration } from '../model/duration.ts';
import { UsageError } from './usage-error.ts';

/**
 * Reads a moment in the future: `90d` from now (s, m, h, d, w, y), or a date such as `2030-01-31` (midnight UTC).
 * @throws UsageError
 */
export function parseExpiry(text: string, now: Date): Date {
  const duration = parseDuration(text);
  const time =
    duration !== undefined
      ? now.getTime() + duration
      : /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text)
        ? Date.parse(text)
        : Number.NaN;
  const expiry = new Date(time);
  if (Number.isNaN(expiry.getTime()) || expiry.getUTCFullYear() > 9999) {
    throw new UsageError(`not a time: ${JSON.stringify(text)}`, 'write 12h, 90d, 26w, 1y or a date such as 2030-01-31');
  }
  if (expiry <= now) throw new UsageError(`${text} is not in the future`);
  return expiry;
}
