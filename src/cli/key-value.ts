import { UsageError } from './usage-error.ts';

/**
 * Reads `key=value`; the value may hold further `=`.
 * @throws UsageError
 */
export function parseKeyValue(text: string): readonly [key: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new UsageError(`not KEY=VALUE: ${JSON.stringify(text)}`, 'write e.g. dist=bookworm');
  return [text.slice(0, equals), text.slice(equals + 1)];
}
