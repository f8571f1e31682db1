/**
 * Names and versions as Python compares them: the name normalisation specification and PEP 440 (Appendix B has the
 * grammar). Numbers stay decimal text, because date and hash based versions outgrow what a JavaScript number holds exactly.
 */

const NAME = /^(?:[a-z0-9]|[a-z0-9][a-z0-9._-]*[a-z0-9])$/i;

const VERSION = new RegExp(
  [
    '^\\s*v?(?:(?<epoch>[0-9]+)!)?(?<release>[0-9]+(?:\\.[0-9]+)*)',
    '(?:[-_.]?(?<preLabel>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>[0-9]+)?)?',
    '(?:-(?<postImplicit>[0-9]+)|(?<post>[-_.]?(?:post|rev|r)[-_.]?(?<postNumber>[0-9]+)?))?',
    '(?<dev>[-_.]?dev[-_.]?(?<devNumber>[0-9]+)?)?',
    '(?:\\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\\s*$',
  ].join(''),
  'i',
);

/** Longer than any real name. */
const MAX_NAME_LENGTH = 200;

/** Longer than any real version, and short enough that the grammar cannot be made slow. */
const MAX_VERSION_LENGTH = 200;

const PRE_LABELS: Readonly<Record<string, string>> = { alpha: 'a', beta: 'b', c: 'rc', pre: 'rc', preview: 'rc' };

/** A version taken apart; every number is decimal text without leading zeros. */
export interface ParsedVersion {
  readonly epoch: string;
  readonly release: readonly string[];
  readonly pre: { readonly label: string; readonly number: string } | undefined;
  readonly post: string | undefined;
  readonly dev: string | undefined;
  readonly local: readonly string[] | undefined;
}

/**
 * Whether the text can be a project's name (PEP 508): letters, digits, `.`, `_`, `-`; first and last a letter or digit;
 * at most 200 characters.
 */
export function isProjectName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && NAME.test(text);
}

/** Lower case, and every run of `-`, `_`, `.` as one `-`. */
export function normalizeName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/**
 * Whether one version is the other's release without its post or local part: `4.0.0` of `4.0.0.post3`.
 * False where either is not a version.
 */
export function isReleaseOf(release: string, version: string): boolean {
  const parsed = parseVersion(version);
  const pre = parsed?.pre ? `${parsed.pre.label}${parsed.pre.number}` : '';
  return parsed !== undefined && sameVersion(release, `${parsed.epoch}!${parsed.release.join('.')}${pre}`);
}

/** Takes a version apart, or returns undefined when PEP 440 does not know its form. */
export function parseVersion(text: string): ParsedVersion | undefined {
  if (text.length > MAX_VERSION_LENGTH) return undefined;
  const groups = VERSION.exec(text)?.groups;
  if (!groups?.release) return undefined;
  const label = groups.preLabel?.toLowerCase();
  return {
    epoch: decimal(groups.epoch),
    release: groups.release.split('.').map(decimal),
    pre: label === undefined ? undefined : { label: PRE_LABELS[label] ?? label, number: decimal(groups.preNumber) },
    post: groups.postImplicit || groups.post ? decimal(groups.postImplicit ?? groups.postNumber) : undefined,
    dev: groups.dev ? decimal(groups.devNumber) : undefined,
    local: groups.local
      ?.toLowerCase()
      .split(/[-_.]/)
      .map((part) => (isNumber(part) ? decimal(part) : part)),
  };
}

/** The version in PEP 440's normal form (`1.0.RC1` is `1.0rc1`), or undefined. Trailing zeros stay as they are. */
export function canonicalVersion(text: string): string | undefined {
  const version = parseVersion(text);
  if (!version) return undefined;
  const { epoch, release, pre, post, dev, local } = version;
  return [
    epoch === '0' ? '' : `${epoch}!`,
    release.join('.'),
    pre ? pre.label + pre.number : '',
    post === undefined ? '' : `.post${post}`,
    dev === undefined ? '' : `.dev${dev}`,
    local ? `+${local.join('.')}` : '',
  ].join('');
}

/** Whether both are the same version: `1.0` is `1.0.0`. Text that is no version equals nothing. */
export function sameVersion(left: string, right: string): boolean {
  const [parsedLeft, parsedRight] = [parseVersion(left), parseVersion(right)];
  return parsedLeft !== undefined && parsedRight !== undefined && compareParsed(parsedLeft, parsedRight) === 0;
}

/** Whether installers leave it aside unless asked: a pre-release or a development release. */
export function isPreRelease(text: string): boolean {
  const version = parseVersion(text);
  return version?.pre !== undefined || version?.dev !== undefined;
}

/** Orders two versions as PEP 440 does, oldest first. What is no version comes before all versions, in order of its text. */
export function compareVersions(left: string, right: string): number {
  const parsedLeft = parseVersion(left);
  const parsedRight = parseVersion(right);
  if (parsedLeft && parsedRight) return compareParsed(parsedLeft, parsedRight);
  if (!parsedLeft && !parsedRight) return compareText(left, right);
  return parsedLeft ? 1 : -1;
}

/** Orders versions that are taken apart already; 0 when they are the same version in different spellings. */
export function compareParsed(left: ParsedVersion, right: ParsedVersion): number {
  return (
    compareNumbers(left.epoch, right.epoch) ||
    compareReleases(left.release, right.release) ||
    preRank(left) - preRank(right) ||
    compareText(left.pre?.label ?? '', right.pre?.label ?? '') ||
    compareNumbers(left.pre?.number ?? '0', right.pre?.number ?? '0') ||
    compareOptional(left.post, right.post, -1) ||
    compareOptional(left.dev, right.dev, 1) ||
    compareLocals(left.local, right.local)
  );
}

/** `1.0.dev1` < `1.0a1` < `1.0`: a development release without pre and post part comes before the pre-releases. */
function preRank(version: ParsedVersion): number {
  if (version.pre) return 1;
  return version.post === undefined && version.dev !== undefined ? 0 : 2;
}

function compareReleases(left: readonly string[], right: readonly string[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = compareNumbers(left[index] ?? '0', right[index] ?? '0');
    if (order !== 0) return order;
  }
  return 0;
}

/** @param absent where a version without this part goes: -1 before, 1 after those that have it */
function compareOptional(left: string | undefined, right: string | undefined, absent: -1 | 1): number {
  if (left === undefined) return right === undefined ? 0 : absent;
  if (right === undefined) return -absent;
  return compareNumbers(left, right);
}

/** Text before numbers, a shorter list before the longer one that it begins. */
function compareLocals(left: readonly string[] | undefined, right: readonly string[] | undefined): number {
  if (!left || !right) return (left ? 1 : 0) - (right ? 1 : 0);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [a, b] = [left[index], right[index]];
    if (a === undefined) return -1;
    if (b === undefined) return 1;
    const order = isNumber(a) && isNumber(b) ? compareNumbers(a, b) : +isNumber(a) - +isNumber(b) || compareText(a, b);
    if (order !== 0) return order;
  }
  return 0;
}

function isNumber(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

function decimal(text: string | undefined): string {
  return (text ?? '').replace(/^0+(?=.)/, '') || '0';
}

function compareNumbers(left: string, right: string): number {
  return left.length - right.length || compareText(left, right);
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
