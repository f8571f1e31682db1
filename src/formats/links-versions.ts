import { formatById } from './index.ts';

/** Whether versions of a format name each other, and aliases end with the version that they point at. */
export function linksVersions(format: string): boolean {
  return formatById(format)?.capabilities.linkedVersions ?? false;
}
