/** Which versions of each package stay; `null` is no rule. A version stays when any rule keeps it. */
export interface Retention {
  /** The newest so many, by the time of publishing. */
  readonly keepVersions: number | null;
  /** Whatever was published in the last so many days. */
  readonly keepDays: number | null;
}

/** Whether anything can go at all. */
export function hasRules({ keepVersions, keepDays }: Retention): boolean {
  return keepVersions !== null || keepDays !== null;
}

/** The rules for people: `keep the newest 5 versions and what was published in the last 30 days`. */
export function describeRetention({ keepVersions, keepDays }: Retention): string {
  const rules = [
    ...(keepVersions === null
      ? []
      : [keepVersions === 1 ? 'the newest version' : `the newest ${keepVersions} versions`]),
    ...(keepDays === null
      ? []
      : [keepDays === 1 ? 'what was published in the last day' : `what was published in the last ${keepDays} days`]),
  ];
  return rules.length === 0 ? 'keep everything' : `keep ${rules.join(' and ')}`;
}
