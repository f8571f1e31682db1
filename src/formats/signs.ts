import { formatById } from './index.ts';

/** Whether repositories of a format sign their indices. */
export function signs(format: string): boolean {
  return formatById(format)?.capabilities.signing ?? false;
}
