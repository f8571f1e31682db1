/** Generic names are kept as they are: upper and lower case differ. */
export function normalizeName(name: string): string {
  return name;
}

/** Words that put a version before the one without them: `1.0-rc1` comes before `1.0`. */
const BEFORE_RELEASE = /^(dev|snapshot|nightly|alpha|a|beta|b|milestone|m|preview|pre|rc|c)$/i;
const ORDER = ['dev', 'snapshot', 'nightly', 'alpha', 'a', 'beta', 'b', 'milestone', 'm', 'preview', 'pre', 'rc', 'c'];

/**
 * Orders versions of any scheme as people expect, oldest first: runs of digits as numbers (1.9 before 1.10), a pre-release
 * word before the release, any other suffix after it, `+build` after everything else. A leading `v` does not count.
 * A total order: versions that compare equal part by part are ordered as text.
 */
export function compareVersions(left: string, right: string): number {
  const a = parts(left);
  const b = parts(right);
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = comparePart(a[index], b[index]);
    if (order !== 0) return order;
  }
  return compareText(left, right);
}

function parts(version: string): string[] {
  return version.replace(/^v(?=\d)/i, '').match(/\d+|\p{L}+|[^\d\p{L}.\-_~\s]+/gu) ?? [];
}

function comparePart(a: string | undefined, b: string | undefined): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0 || a === undefined || b === undefined) return rank;
  if (/^\d/.test(a)) {
    const x = BigInt(a);
    const y = BigInt(b);
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (BEFORE_RELEASE.test(a)) return ORDER.indexOf(a.toLowerCase()) - ORDER.indexOf(b.toLowerCase());
  return compareText(a.toLowerCase(), b.toLowerCase());
}

/** Pre-release word, end of the version, other word, punctuation such as `+`, number. */
function rankOf(part: string | undefined): number {
  if (part === undefined) return 1;
  if (/^\d/.test(part)) return 4;
  if (BEFORE_RELEASE.test(part)) return 0;
  return /^\p{L}/u.test(part) ? 2 : 3;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
