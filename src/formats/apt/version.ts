import { invalid, type PackyardError } from '../../model/errors.ts';

/** A Debian version taken apart (Debian Policy 5.6.12). */
export interface DebianVersion {
  /** 0 where the text has none. */
  readonly epoch: number;
  readonly upstream: string;
  /** Undefined where the text has no hyphen: a native package. */
  readonly revision: string | undefined;
}

/** dpkg keeps an epoch in an int (lib/dpkg/parsehelp.c). */
const MAX_EPOCH = 2_147_483_647;
/** Name, version and architecture become one file name, which ends at 255 bytes. */
const MAX_VERSION_LENGTH = 200;
const MAX_NAME_LENGTH = 200;
const MAX_PART_LENGTH = 64;

const PACKAGE_NAME = /^[a-z0-9][a-z0-9+.-]+$/;
const ARCHITECTURE = /^[a-z0-9][a-z0-9-]*$/;
/** What a package is never built for: wildcards (Policy 11.1.1) and the word for a source package. */
const NO_ARCHITECTURE = /^(?:source|any)$|(?:^|-)any(?:-|$)/;
const PART = /^[A-Za-z0-9][A-Za-z0-9.+~_-]*$/;

const ZERO = 48;
const NINE = 57;
const TILDE = 126;

/** A package's name has no other spelling: it is lower case from the beginning (Debian Policy 5.6.7). */
export function normalizeName(name: string): string {
  return name;
}

/** Whether this can be the name of a binary or source package (Debian Policy 5.6.1, 5.6.7), at most 200 characters. */
export function isPackageName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && PACKAGE_NAME.test(text);
}

/** Whether a binary package can be for this architecture (Debian Policy 5.6.8): `all` can, wildcards and `source` cannot. */
export function isArchitecture(text: string): boolean {
  return text.length <= MAX_PART_LENGTH && ARCHITECTURE.test(text) && !NO_ARCHITECTURE.test(text);
}

/** Whether this can be a part of a distribution, such as `main`: one folder's name, at most 64 characters. */
export function isComponent(text: string): boolean {
  return text.length <= MAX_PART_LENGTH && PART.test(text) && !text.includes('..');
}

/** Whether this can be a distribution, such as `bookworm`: one folder's name, at most 64 characters. */
export function isDistribution(text: string): boolean {
  return isComponent(text);
}

/**
 * Takes a version apart and holds it to the rules of Debian Policy 5.6.12 and of dpkg (lib/dpkg/parsehelp.c).
 * @throws PackyardError `invalid_request` that names the broken rule
 */
export function parseVersion(text: string): DebianVersion {
  if (text.length > MAX_VERSION_LENGTH)
    throw invalidVersion(text, `it is longer than ${MAX_VERSION_LENGTH} characters`);
  const colon = text.indexOf(':');
  const epoch = colon < 0 ? '0' : text.slice(0, colon);
  if (!/^[0-9]+$/.test(epoch)) throw invalidVersion(text, 'what is before the colon is not a number');
  if (Number(epoch) > MAX_EPOCH) throw invalidVersion(text, `its epoch is greater than ${MAX_EPOCH}`);
  const rest = text.slice(colon + 1);
  const hyphen = rest.lastIndexOf('-');
  const upstream = hyphen < 0 ? rest : rest.slice(0, hyphen);
  const revision = hyphen < 0 ? undefined : rest.slice(hyphen + 1);
  if (upstream === '') throw invalidVersion(text, 'the upstream version is empty');
  if (revision === '') throw invalidVersion(text, 'nothing follows its last hyphen');
  if (!/^[0-9]/.test(upstream)) throw invalidVersion(text, 'the upstream version does not begin with a digit');
  // The colon is a character of its own only where an epoch came before it.
  const problem = /[^A-Za-z0-9.+~:-]/u.exec(upstream) ?? /[^A-Za-z0-9.+~]/u.exec(revision ?? '');
  if (problem) throw invalidVersion(text, `it contains ${JSON.stringify(problem[0])}`);
  return { epoch: Number(epoch), upstream, revision };
}

function invalidVersion(text: string, problem: string): PackyardError {
  const shown = JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
  return invalid(`not a Debian version: ${shown}: ${problem}`, {
    hint: 'versions are [epoch:]upstream[-revision] with letters, digits and . + ~ -, beginning with a digit, e.g. 1.2.3-1',
  });
}

/**
 * Orders two versions as dpkg does (Debian Policy 5.6.12, dpkg lib/dpkg/version.c), oldest first. What dpkg takes for equal
 * in another spelling, such as `1.0` and `0:1.0-0`, is ordered by its text, so that the order is total. What is no version
 * has its place as well.
 */
export function compareVersions(left: string, right: string): number {
  if (left === right) return 0;
  return compareByRule(left, right) || (left < right ? -1 : 1);
}

function compareByRule(left: string, right: string): number {
  const a = split(left);
  const b = split(right);
  return compareParts(a.epoch, b.epoch) || compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision);
}

function split(text: string): { epoch: string; upstream: string; revision: string } {
  const colon = /^[0-9]+:/.exec(text)?.[0].length ?? 0;
  const hyphen = text.lastIndexOf('-');
  const end = hyphen < colon ? text.length : hyphen;
  return {
    epoch: colon === 0 ? '' : text.slice(0, colon - 1),
    upstream: text.slice(colon, end),
    revision: text.slice(end + 1),
  };
}

/** Runs of other characters and runs of digits take turns (`verrevcmp`); the digits are numbers of any length. */
function compareParts(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const order = weight(a, i) - weight(b, j);
      if (order !== 0) return order;
      i++;
      j++;
    }
    while (a.charCodeAt(i) === ZERO) i++;
    while (b.charCodeAt(j) === ZERO) j++;
    let first = 0;
    while (isDigit(a, i) && isDigit(b, j)) {
      first ||= a.charCodeAt(i) - b.charCodeAt(j);
      i++;
      j++;
    }
    if (isDigit(a, i)) return 1;
    if (isDigit(b, j)) return -1;
    if (first !== 0) return first;
  }
  return 0;
}

function isDigit(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= ZERO && code <= NINE;
}

/** `~` is before the end, the end before letters, letters before all else. */
function weight(text: string, index: number): number {
  if (index >= text.length || isDigit(text, index)) return 0;
  const code = text.charCodeAt(index);
  if (code === TILDE) return -1;
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return isLetter ? code : code + 256;
}
