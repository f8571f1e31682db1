import { formatById } from './index.ts';

interface Candidate {
  readonly version: string;
  readonly yanked: boolean;
}

/**
 * The versions of one package that clients can get without asking for one: the newest in the format's own order, also of
 * those alone that are no pre-releases and of those that are not yanked.
 * @param format its id
 */
export function newestVersions(format: string, candidates: readonly Candidate[]): ReadonlySet<string> {
  const found = formatById(format);
  if (!found) return new Set();
  const isStable = ({ version }: Candidate): boolean => !found.isPreRelease?.(version);
  const isOffered = ({ yanked }: Candidate): boolean => !yanked;
  const kinds = [candidates, candidates.filter(isOffered), candidates.filter(isStable)];
  const lists = [...kinds, candidates.filter((candidate) => isStable(candidate) && isOffered(candidate))];
  return new Set(
    lists.flatMap(([first, ...others]) =>
      first === undefined
        ? []
        : [
            others.reduce(
              (best, { version }) => (found.compareVersions(version, best) > 0 ? version : best),
              first.version,
            ),
          ],
    ),
  );
}
